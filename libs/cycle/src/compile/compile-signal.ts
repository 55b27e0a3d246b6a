import type { Comparison, Condition, SignalDefinition } from '#contracts'
import { compileComparison } from './comparison.ts'
import type { CompiledSignal } from './compiled-cycle.ts'
import { compileCondition } from './condition.ts'
import { compilePath, type EventView } from './event-path.ts'

/** A signal: the event names that it matches (rule 16), and its condition on the event. */
export function compileSignal(id: string, definition: SignalDefinition): CompiledSignal {
  const events = [definition.event].flat()
  const patterns = events.map(compilePattern)
  const where = definition.where === undefined ? undefined : compileCondition<EventView>(definition.where, eventLeaf)
  const numbers = numberPathsOf(definition.where ?? {}).map((path) => ({ path, read: compilePath(path) }))
  return { id, events, matchesName: (event) => patterns.some((matches) => matches(event)), where, numbers }
}

/** The paths that a condition compares with numbers. Not those under `not`: there the comparison holds for text. */
function numberPathsOf(condition: Condition): string[] {
  return Object.entries(condition).flatMap(([key, value]) => {
    if (key === 'all' || key === 'any') return (value as Condition[]).flatMap(numberPathsOf)
    return key !== 'not' && operandsOf(value as Comparison).some((operand) => typeof operand === 'number') ? [key] : []
  })
}

/** The values that a comparison compares with. Those of `ne` are left out: it holds for text. */
function operandsOf(comparison: Comparison): unknown[] {
  if (typeof comparison !== 'object' || comparison === null) return [comparison]
  const { ne: _, ...operators } = comparison
  return Object.values(operators).flat()
}

/** The test of a comparison with the value at a path of the event. */
export function eventLeaf(path: string, comparison: Parameters<typeof compileComparison>[0]): (event: EventView) => boolean {
  const [read, test] = [compilePath(path), compileComparison(comparison)]
  return (event) => test(read(event))
}

/** The test of an event name (rule 16). `*` matches any characters, also none. Matching part by part from the left needs no backtracking. */
export function compilePattern(pattern: string): (event: string) => boolean {
  if (!pattern.includes('*')) return (event) => event === pattern
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop() ?? ''
  return (event) => {
    if (!event.startsWith(head) || !event.endsWith(tail) || event.length < head.length + tail.length) return false
    let from = head.length
    const end = event.length - tail.length
    for (const part of rest) {
      const found = event.indexOf(part, from)
      if (found < 0 || found + part.length > end) return false
      from = found + part.length
    }
    return true
  }
}
