import type { ActivityEvent } from '#contracts'
import type { CompiledCycle } from './compiled-cycle.ts'

/** The ids of all actors that an event names for any of these cycles; undefined if none of them addresses actors. */
export function addressesOf(cycles: readonly Pick<CompiledCycle, 'addressing'>[]): ((event: ActivityEvent) => readonly string[]) | undefined {
  const addressings = cycles.flatMap(({ addressing }) => addressing ?? [])
  if (addressings.length === 0) return undefined
  return (event) => {
    const sent = { ...event, actorType: event.actor.type, actorId: event.actor.id }
    return [...new Set(addressings.flatMap(({ read }) => read(sent).ids))]
  }
}
