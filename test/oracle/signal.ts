import type { ActivityEvent, CycleDefinition } from '#contracts'
import { holds, valueAt } from './condition.ts'

/** The signals of an event, in file order. */
export function signalsOf(definition: CycleDefinition, event: ActivityEvent): string[] {
  return Object.entries(definition.signals)
    .filter(([, signal]) => [signal.event].flat().some((pattern) => isNamed(event.event, pattern)) && holds(signal.where, (path) => valueAt(event, path)))
    .map(([name]) => name)
}

/** Rule 16: `*` matches any characters, also none. */
function isNamed(name: string, pattern: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${literal.join('.*')}$`, 's').test(name)
}
