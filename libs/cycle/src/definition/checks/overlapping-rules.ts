import type { TransitionDefinition } from '#contracts'
import type { DefinitionParts, Part } from '../parts.ts'
import type { Report } from '../report.ts'
import { rulesResolve, stagesFrom, stagesTo, triggersOf } from '../stage-graph.ts'
import { exclude } from './exclusion.ts'
import { meetAsTimePasses } from './windows-and-deadlines.ts'

type Rule = Part<TransitionDefinition>

/** Warns of rules of one stage that can hold at once, where only their order in the file decides which one counts. */
export function checkOverlappingRules(parts: DefinitionParts, report: Report): void {
  if (!rulesResolve(parts)) return
  for (const [index, rule] of parts.rules.entries()) {
    const before = parts.rules.slice(0, index).filter((earlier) => divides(earlier, rule, parts))
    warnOfDeadlines(
      before.filter((earlier) => !sameOccasion(earlier, rule) && meetAsTimePasses(earlier, rule, parts)),
      rule,
      report,
    )
    const rivals = before.filter((earlier) => sameOccasion(earlier, rule))
    if (rivals.length === 0) continue
    const hidden = rivals.some((earlier) => hides(earlier, rule, parts))
    const names = rivals.map(({ name }) => `"${name}"`).join(', ')
    const effect = hidden
      ? 'which always comes first, so this rule never leads anywhere'
      : 'and the first in the file counts; check that this order is intended'
    report.warning(rule.path, `the rule "${rule.name}" can hold at the same moment as ${names}, ${effect}`)
  }
}

function warnOfDeadlines(others: readonly Rule[], rule: Rule, report: Report): void {
  if (others.length === 0) return
  const names = others.map(({ name }) => `"${name}"`).join(', ')
  report.warning(
    rule.path,
    `the rule "${rule.name}" can be due at one instant with ${names}, where the edge of a window and a deadline meet, and the first in the file counts; check that this order is intended`,
  )
}

/** Whether it matters which of two rules counts: they leave one stage for different ones, and nothing excludes that both hold. */
function divides(a: Rule, b: Rule, parts: DefinitionParts): boolean {
  const shared = stagesFrom(a, parts).filter((stage) => stagesFrom(b, parts).includes(stage))
  if (shared.length === 0) return false
  // Two rules to the same stage differ only in what they are called.
  if (stagesTo(a, parts).join() === stagesTo(b, parts).join()) return false
  return !exclude(a.fields.when, b.fields.when)
}

/** Whether the earlier rule holds whenever the later one does, in each stage of the later one. */
function hides(earlier: Rule, later: Rule, parts: DefinitionParts): boolean {
  const stages = stagesFrom(earlier, parts)
  if (earlier.fields.when !== undefined || !stagesFrom(later, parts).every((stage) => stages.includes(stage) && !stagesTo(earlier, parts).includes(stage)))
    return false
  const [own, others] = [triggersOf(earlier), triggersOf(later)]
  if (others === undefined) return own === undefined && earlier.fields.after === later.fields.after
  return own !== undefined && others.every((name) => own.includes(name) || (own.includes('any') && name !== 'absence'))
}

/** Rules without trigger and after are tried at every event; deadlines meet only where they are the same one. */
function sameOccasion(a: Rule, b: Rule): boolean {
  if (a.fields.after !== undefined || b.fields.after !== undefined) return a.fields.after === b.fields.after
  const [first, second] = [triggersOf(a) ?? ['any'], triggersOf(b) ?? ['any']]
  return first.some((name) => second.includes(name)) || (first.includes('any') && second.some(isSignal)) || (second.includes('any') && first.some(isSignal))
}

function isSignal(trigger: string): boolean {
  return trigger !== 'absence'
}
