import type { Condition, MeasureDefinition, Operators, TransitionDefinition } from '#contracts'
import { kindOf } from '../../measures/measure-kinds.ts'
import type { DefinitionParts, Part } from '../parts.ts'
import { isImmediate, triggersOf } from '../stage-graph.ts'

type Rule = Part<TransitionDefinition>

/**
 * Whether one rule waits for an absence or a time and the other, without trigger, can begin to hold as a window runs out: then both may
 * be due at one instant of passing time.
 */
export function meetAsTimePasses(a: Rule, b: Rule, parts: DefinitionParts): boolean {
  return (hasDeadline(a) && runsOut(b, parts)) || (hasDeadline(b) && runsOut(a, parts))
}

function hasDeadline(rule: Rule): boolean {
  return rule.fields.after !== undefined || (triggersOf(rule) ?? []).includes('absence')
}

function runsOut(rule: Rule, parts: DefinitionParts): boolean {
  return isImmediate(rule) && rule.fields.when !== undefined && beginsToHold(rule.fields.when, true, parts)
}

/** Whether a condition (wanted, or under `not`) can become true when events leave a window. */
function beginsToHold(condition: Condition, wanted: boolean, parts: DefinitionParts): boolean {
  return Object.entries(condition).some(([subject, value]) => {
    if (subject === 'all' || subject === 'any') return (value as Condition[]).some((part) => beginsToHold(part, wanted, parts))
    if (subject === 'not') return beginsToHold(value as Condition, !wanted, parts)
    const measure = parts.measures.find(({ name }) => name === subject)
    if (measure?.fields.within === undefined || !measure.whole) return false
    const change = kindOf(measure.fields as MeasureDefinition).asEventsLeave
    // A missing value makes every comparison false, so that its contrary begins to hold.
    if (change === 'moves' || (change === 'falls or ends' && !wanted)) return true
    return canFallInto(value as Operators, wanted)
  })
}

/** Whether a value that falls, or ends, can come to satisfy a comparison: that it is at least so much cannot begin to hold. */
function canFallInto(operators: Operators, wanted: boolean): boolean {
  if (typeof operators !== 'object' || operators === null) return true
  const rising = wanted ? ['gt', 'gte'] : ['lt', 'lte']
  return Object.keys(operators).some((operator) => !rising.includes(operator))
}
