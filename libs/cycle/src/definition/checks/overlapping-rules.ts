import type { TransitionDefinition } from '#contracts'
import type { DefinitionParts, Part } from '../parts.ts'
import type { Report } from '../report.ts'
import { rulesResolve, stagesFrom, stagesTo, triggersOf } from '../stage-graph.ts'
import { excludeEachOther } from './exclusion.ts'
import { dueAtOneInstant } from './windows-and-deadlines.ts'

/** A rule of the definition, with its place. */
type Rule = Part<TransitionDefinition>

/** Warns about rules of one stage that can hold at the same moment: then only their order in the file decides. */
export function checkOverlappingRules(parts: DefinitionParts, report: Report): void {
  if (!rulesResolve(parts)) return
  for (const [index, rule] of parts.rules.entries()) {
    const before = parts.rules.slice(0, index).filter((earlier) => orderMatters(earlier, rule, parts))
    warnAboutDeadlines(
      before.filter((earlier) => !sameOccasion(earlier, rule) && dueAtOneInstant(earlier, rule, parts)),
      rule,
      report,
    )
    const rivals = before.filter((earlier) => sameOccasion(earlier, rule))
    if (rivals.length === 0) continue
    const isHidden = rivals.some((earlier) => hides(earlier, rule, parts))
    const names = rivals.map(({ name }) => `"${name}"`).join(', ')
    const effect = isHidden
      ? 'which always comes first, so this rule never leads anywhere'
      : 'and the first in the file counts; check that this order is intended'
    report.warning(rule.path, `the rule "${rule.name}" can hold at the same moment as ${names}, ${effect}`)
  }
}

function warnAboutDeadlines(others: readonly Rule[], rule: Rule, report: Report): void {
  if (others.length === 0) return
  const names = others.map(({ name }) => `"${name}"`).join(', ')
  report.warning(
    rule.path,
    `the rule "${rule.name}" can be due at the same instant as ${names}, because a window can run out exactly at a deadline, and the first in the file counts; check that this order is intended`,
  )
}

/** Whether the order of two rules matters: they lead from one stage to different stages, and both can hold at once. */
function orderMatters(a: Rule, b: Rule, parts: DefinitionParts): boolean {
  const shared = stagesFrom(a, parts).filter((stage) => stagesFrom(b, parts).includes(stage))
  if (shared.length === 0) return false
  // Two rules to the same stage differ only in their names.
  if (stagesTo(a, parts).join() === stagesTo(b, parts).join()) return false
  return !excludeEachOther(a.fields.when, b.fields.when)
}

/** Whether the earlier rule holds whenever the later one does, in each stage of the later one. */
function hides(earlier: Rule, later: Rule, parts: DefinitionParts): boolean {
  const stages = stagesFrom(earlier, parts)
  if (earlier.fields.when !== undefined || !stagesFrom(later, parts).every((stage) => stages.includes(stage) && !stagesTo(earlier, parts).includes(stage)))
    return false
  const [triggers, laterTriggers] = [triggersOf(earlier), triggersOf(later)]
  if (laterTriggers === undefined) return triggers === undefined && earlier.fields.after === later.fields.after
  return triggers !== undefined && laterTriggers.every((name) => triggers.includes(name) || (triggers.includes('any') && name !== 'absence'))
}

/** Whether two rules can be tried at the same moment. Immediate rules are tried at every event; two `after` rules only if their times are equal. */
function sameOccasion(a: Rule, b: Rule): boolean {
  if (a.fields.after !== undefined || b.fields.after !== undefined) return a.fields.after === b.fields.after
  const [first, second] = [triggersOf(a) ?? ['any'], triggersOf(b) ?? ['any']]
  return first.some((name) => second.includes(name)) || (first.includes('any') && second.some(isSignal)) || (second.includes('any') && first.some(isSignal))
}

function isSignal(trigger: string): boolean {
  return trigger !== 'absence'
}
