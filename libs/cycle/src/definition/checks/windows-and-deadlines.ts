import type { Condition, MeasureDefinition, Operators, TransitionDefinition } from '#contracts'
import { kindOf } from '../../measures/measure-kinds.ts'
import type { DefinitionParts, Part } from '../parts.ts'
import { isImmediate, triggersOf } from '../stage-graph.ts'

/** A rule of the definition, with its place. */
type Rule = Part<TransitionDefinition>

/**
 * Whether two rules can be due at one instant of passing time: one has a deadline (absence or after), and the other one is immediate and
 * can begin to hold when a window runs out.
 */
export function dueAtOneInstant(a: Rule, b: Rule, parts: DefinitionParts): boolean {
  return (hasDeadline(a) && canBeginByRunOut(b, parts)) || (hasDeadline(b) && canBeginByRunOut(a, parts))
}

function hasDeadline(rule: Rule): boolean {
  return rule.fields.after !== undefined || (triggersOf(rule) ?? []).includes('absence')
}

/** Whether an immediate rule can begin to hold because a window runs out. */
function canBeginByRunOut(rule: Rule, parts: DefinitionParts): boolean {
  return isImmediate(rule) && rule.fields.when !== undefined && beginsToHold(rule.fields.when, true, parts)
}

/** Whether a condition can become true (`wanted`) or false (under `not`) when events leave a window. */
function beginsToHold(condition: Condition, wanted: boolean, parts: DefinitionParts): boolean {
  return Object.entries(condition).some(([subject, value]) => {
    if (subject === 'all' || subject === 'any') return (value as Condition[]).some((part) => beginsToHold(part, wanted, parts))
    if (subject === 'not') return beginsToHold(value as Condition, !wanted, parts)
    const measure = parts.measures.find(({ name }) => name === subject)
    if (measure?.fields.within === undefined || !measure.complete) return false
    const change = kindOf(measure.fields as MeasureDefinition).changeByLeaving
    // A missing value makes every comparison false, so its negation begins to hold.
    if (change === 'either way' || (change === 'falls or ends' && !wanted)) return true
    return canFallInto(value as Operators, wanted)
  })
}

/** Whether a comparison can begin to hold when a value falls or becomes missing: a lower bound cannot. */
function canFallInto(operators: Operators, wanted: boolean): boolean {
  if (typeof operators !== 'object' || operators === null) return true
  const rising = wanted ? ['gt', 'gte'] : ['lt', 'lte']
  return Object.keys(operators).some((operator) => !rising.includes(operator))
}
