import type { AccountingAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { AddsUp } from './health/adds-up.tsx'
import { HowFresh } from './health/how-fresh.tsx'
import { LastDay, useLastDay } from './health/last-day.tsx'

const REFRESH_MS = 15_000

/** Whether the numbers of the cycle can be trusted now. */
export function HealthView() {
  const accounting = useAnswer<AccountingAnswer>(inCycle('accounting'), { everyMs: REFRESH_MS })
  const lastDay = useLastDay()
  return (
    <div class="split">
      <div class="column">
        <AddsUp accounting={accounting} />
        <LastDay {...lastDay} />
      </div>
      <div class="column">
        <HowFresh history={lastDay.counts} />
      </div>
    </div>
  )
}
