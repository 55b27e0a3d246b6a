import { type ActivityEvent, addressLimits, type CycleDefinition, ID_BYTES_MAX, OWN_ACTOR_PATH } from '#contracts'
import { valueAt } from './condition.ts'

/** The actors that an event counts for (rule 22), in their order; undefined if the definition counts events for who sent them. */
export function addresseesOf({ actor }: CycleDefinition, event: ActivityEvent): string[] | undefined {
  if (typeof actor === 'string') return undefined
  const named = [actor.id].flat().flatMap((path) => {
    if (path !== OWN_ACTOR_PATH) return valueAt(event, path)
    return event.actor.type === actor.type ? event.actor.id : undefined
  })
  const ids = [...new Set(named.filter(isId).map(String))]
  return ids.length > addressLimits.actors ? [] : ids
}

function isId(value: unknown): value is string | number {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 2 ** 53
  return typeof value === 'string' && value.length > 0 && value === value.toWellFormed() && new TextEncoder().encode(value).length <= ID_BYTES_MAX
}

/** The id of an event in the history of an actor that it names. */
export const addressedIdOf = ({ id, actor }: ActivityEvent): string =>
  [id, actor.type, actor.id].map((part) => part.replace(/[%/]/g, (mark) => (mark === '%' ? '%25' : '%2F'))).join('/')
