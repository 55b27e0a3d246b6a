import type { PlanDefect } from '#contracts'
import { type EventCheck, Refusal } from '#sources'
import { checkEvent, type Plan } from '#tracking-plan'

/**
 * The check of events that come in against the tracking plan. An event whose defect is observed carries it into the log, so that everything
 * that reads the log counts the same defects.
 */
export function planCheck(plan: Plan): EventCheck {
  return (event) => {
    const misfit = checkEvent(plan, event)
    if (misfit === undefined) return undefined
    const { mode, code, defect } = misfit
    if (mode === 'enforce') return new Refusal(code, reasonOf(defect), defect.path)
    event.planDefect = defect
    return undefined
  }
}

function reasonOf({ version, reason }: PlanDefect): string {
  return version === 0 ? reason : `${reason} (tracking plan, version ${version})`
}
