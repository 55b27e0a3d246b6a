import { address } from '../address/shown-address.ts'
import type { DwellAnswer, StageCount, SurvivalAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { stages as live } from '../answers/shown-stages.ts'
import { stageTitle } from '../answers/stage-title.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { Controls } from '../controls/controls.tsx'
import { Choice } from '../parts/choice.tsx'
import { rangeQuery } from '../ranges/shown-range.ts'
import { DwellTimes } from './dwell/dwell-times.tsx'
import { StillThere } from './dwell/still-there.tsx'
import { WaysOut } from './dwell/ways-out.tsx'

const REFRESH_MS = 60_000

/** How long people stay in a stage, and where they go from there. */
export function DwellView() {
  const query = rangeQuery()
  const all = live.value.answer?.stages ?? []
  const stage = all.find(({ id }) => id === address.value.stage) ?? all[0]
  const dwell = useAnswer<DwellAnswer>(query === null ? null : inCycle(`dwell?${query}`), { everyMs: REFRESH_MS })
  return (
    <>
      <Controls hasPeriods={false} />
      <DwellTimes loaded={dwell} stages={all} />
      {stage === undefined ? null : <StageCurves stage={stage} stages={all} query={query} />}
    </>
  )
}

/** The curves of the stays in one stage. */
function StageCurves({ stage, stages, query }: { readonly stage: StageCount; readonly stages: readonly StageCount[]; readonly query: string | null }) {
  const to = stages.find(({ id }) => id === address.value.to && id !== stage.id)
  const way = `stage=${encodeURIComponent(stage.id)}&to=${encodeURIComponent(to?.id ?? 'any')}`
  const loaded = useAnswer<SurvivalAnswer>(query === null ? null : inCycle(`survival?${way}&${query}`), { everyMs: REFRESH_MS })
  const title = (id: string): string => stageTitle(stages, id)
  return (
    <>
      <Choice name="stage" title="Stage of the curves" options={stages.map(({ id, title: name }) => ({ name: id, title: name }))} chosen={stage.id} />
      <StillThere key={`${stage.id} ${to?.id}`} loaded={loaded} stage={stage} to={to} stages={stages} />
      <WaysOut key={stage.id} loaded={loaded} stage={stage} stages={stages} title={title} />
    </>
  )
}
