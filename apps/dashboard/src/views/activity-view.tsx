import type { ActivityAnswer, LifecycleAnswer, RetentionAnswer } from '../answers/answers.ts'
import { inCycle } from '../answers/shown-cycle.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { Controls } from '../controls/controls.tsx'
import { periodsQuery, rangeQuery } from '../ranges/shown-range.ts'
import { ActiveActors } from './activity/active-actors.tsx'
import { Lifecycle } from './activity/lifecycle.tsx'
import { Retention } from './activity/retention.tsx'

const REFRESH_MS = 60_000
/** How many periods after its first one a cohort is followed. */
const FOLLOWED = 12

/** Who is active: who is new, who comes again, who comes back, who stays away. */
export function ActivityView() {
  const [periods, days] = [periodsQuery(), rangeQuery()]
  const path = (route: string, query: string | null): string | null => (query === null ? null : inCycle(`${route}?${query}`))
  const lifecycle = useAnswer<LifecycleAnswer>(path('lifecycle', periods), { everyMs: REFRESH_MS })
  const activity = useAnswer<ActivityAnswer>(path('activity', days), { everyMs: REFRESH_MS })
  const retention = useAnswer<RetentionAnswer>(path('retention', periods === null ? null : `${periods}&periods=${FOLLOWED}`), { everyMs: REFRESH_MS })
  return (
    <>
      <Controls />
      <Lifecycle loaded={lifecycle} />
      <ActiveActors loaded={activity} />
      <Retention loaded={retention} />
    </>
  )
}
