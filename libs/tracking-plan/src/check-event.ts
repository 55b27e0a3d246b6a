import { type ActivityEvent, type ErrorCode, type PlanDefect, type PlanMode, RondoError } from '#contracts'
import type { Plan } from './plan.ts'
import type { SchemaDefect } from './schema/first-defect.ts'

/** What the plan says of an event that does not fit. */
interface PlanMisfit {
  readonly mode: PlanMode
  readonly code: Extract<ErrorCode, 'RONDO_EVENT_UNPLANNED' | 'RONDO_EVENT_AGAINST_PLAN'>
  readonly defect: PlanDefect
}

/** The fields of an event that a plan checks. */
type CheckedEvent = Pick<ActivityEvent, 'event' | 'properties' | 'traits' | 'context'>

/** Checks an event against a plan; undefined if it fits, or if the plan allows its name without a contract. */
export function checkEvent(plan: Plan, event: CheckedEvent): PlanMisfit | undefined {
  const planned = plan.get(event.event)
  if (planned === undefined) return unplannedMisfit(plan, event.event)
  const defect = defectOf(plan, event)
  if (defect === undefined) return undefined
  const { version, mode } = planned
  return { mode, code: 'RONDO_EVENT_AGAINST_PLAN', defect: { version, ...(defect.path === undefined ? {} : { path: defect.path }), reason: defect.reason } }
}

/** How much of a name a message shows. */
const NAME_LENGTH_MAX = 256

function unplannedMisfit({ unplanned: { mode } }: Plan, name: string): PlanMisfit | undefined {
  if (mode === 'allow') return undefined
  const shown = JSON.stringify(name.slice(0, NAME_LENGTH_MAX))
  return { mode, code: 'RONDO_EVENT_UNPLANNED', defect: { version: 0, reason: `the tracking plan does not have the name ${shown}` } }
}

/** A schema that this release cannot use is a defect of each event: nothing that might not fit is stored, and nothing is lost. */
function defectOf(plan: Plan, event: CheckedEvent): SchemaDefect | undefined {
  const { properties = {}, traits = {}, context = {} } = event
  try {
    return plan.checkOf(event.event)?.({ ...event, properties, traits, context })
  } catch (error) {
    if (error instanceof RondoError) return { path: undefined, reason: error.message }
    throw error
  }
}
