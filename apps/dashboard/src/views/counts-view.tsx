import type { CountsAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { Controls } from '../controls/controls.tsx'
import { periodsQuery } from '../ranges/shown-range.ts'
import { ComingAndGoing } from './counts/coming-and-going.tsx'
import { StagesOverTime } from './counts/stages-over-time.tsx'

const REFRESH_MS = 15_000

/** How many actors were in each stage over a range, and how many came and went. */
export function CountsView() {
  const query = periodsQuery()
  const counts = useAnswer<CountsAnswer>(query === null ? null : inCycle(`counts?${query}`), { everyMs: REFRESH_MS })
  return (
    <>
      <Controls />
      <StagesOverTime counts={counts} />
      <ComingAndGoing counts={counts} />
    </>
  )
}
