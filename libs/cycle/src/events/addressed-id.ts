import { type Actor, ID_BYTES_MAX } from '#contracts'
import { longKey } from '../packed/long-key.ts'

/** An event, and who sent it. */
export interface EventOrigin {
  readonly id: string
  readonly actor: Actor
}

/**
 * The id of an event in the history of an actor that it is addressed to: `e1/user/ann`, for the event `e1` of the user `ann` (rule 22). Ids are unique only among
 * the events of one sender, so its actor is a part of it. Different events have different ids, and copies have equal ones. If it were longer than an id may be,
 * it is a hash, which has no slash.
 */
export function addressedId({ id, actor }: EventOrigin): string {
  const text = [id, actor.type, actor.id].map(escaped).join('/')
  return text.length * 3 <= ID_BYTES_MAX || Buffer.byteLength(text) <= ID_BYTES_MAX ? text : longKey(text)
}

/** The event and its sender, from an id that {@link addressedId} made; undefined if it is a hash. */
export function originOf(addressed: string): EventOrigin | undefined {
  const [id, type, actorId] = addressed.split('/').map(unescaped)
  return id === undefined || type === undefined || actorId === undefined ? undefined : { id, actor: { type, id: actorId } }
}

const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('/', '%2F')
const unescaped = (text: string): string => text.replaceAll('%2F', '/').replaceAll('%25', '%')
