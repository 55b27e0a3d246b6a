import { type Comparison, type Condition, type CycleDefinition, measurePathOf, measureSignalsOf, type TransitionDefinition } from '#contracts'
import { compilePath, type EventPath, isEventPath } from './event-path.ts'

/** A path of the definition that events need to have a value at, and the signals whose events it is read from. */
export interface ReadPath {
  readonly path: string
  readonly read: EventPath
  /** Bits of the signals. */
  readonly signals: number
}

/** All such paths of a definition: of signals, rules, measures and addressed actors. `event` is no such path, since every event has a name. */
export function compileReadPaths(definition: CycleDefinition, signalBits: (names: string | readonly string[]) => number): ReadPath[] {
  const { actor, signals, measures = {}, transitions } = definition
  const found = new Map<string, number>()
  const take = (paths: readonly string[], names: string | readonly string[]): void => {
    for (const path of paths) if (path !== 'event' && isEventPath(path)) found.set(path, (found.get(path) ?? 0) | signalBits(names))
  }
  if (typeof actor !== 'string') take([actor.id].flat(), 'any')
  for (const [id, { where = {} }] of Object.entries(signals)) take(neededIn(where), id)
  for (const measure of Object.values(measures)) take([measurePathOf(measure) ?? []].flat(), measureSignalsOf(measure))
  for (const rule of transitions) take(neededIn(rule.when ?? {}), triggersOf(rule))
  return [...found].map(([path, bits]) => ({ path, read: compilePath(path), signals: bits }))
}

/** Without a trigger a rule is tried at every event. */
function triggersOf({ trigger = [] }: TransitionDefinition): string | readonly string[] {
  const triggers = [trigger].flat().filter((name) => name !== 'absence')
  return triggers.length === 0 ? 'any' : triggers
}

/** The subjects without which a condition cannot hold. What is compared by `ne` or under `not`, or must not exist, may be missing. */
function neededIn(condition: Condition): string[] {
  return Object.entries(condition).flatMap(([key, value]) => {
    if (key === 'all' || key === 'any') return (value as Condition[]).flatMap(neededIn)
    return key === 'not' || !needsValue(value as Comparison) ? [] : [key]
  })
}

function needsValue(comparison: Comparison): boolean {
  if (typeof comparison !== 'object' || comparison === null) return comparison !== null
  const { ne: _, exists, ...others } = comparison
  return exists === true || Object.values(others).some((operand) => operand !== undefined)
}
