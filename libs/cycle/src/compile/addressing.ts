import { addressLimits, type CycleDefinition, ID_BYTES_MAX, OWN_ACTOR_PATH } from '#contracts'
import { compilePath, type EventView } from './event-path.ts'

/** The parts of an event that say who sent it, and what definitions can read. */
export interface SentEvent extends EventView {
  readonly actorType: string
  readonly actorId: string
}

/** Whom an event is addressed to. */
export interface Addressees {
  /** The ids of the actors, each once, in the order of the paths and of their lists. */
  readonly ids: readonly string[]
  /** Values at the paths that cannot be ids. */
  readonly invalid: readonly unknown[]
  /** The number of different ids, if there are more than an event may have: then it is addressed to nobody. */
  readonly surplus: number | undefined
}

/** Reads whom events are addressed to (rule 22). */
export interface Addressing {
  /** The paths of the definition. */
  readonly paths: readonly string[]
  readonly read: (event: SentEvent) => Addressees
}

/** The addressing of a definition; undefined if its events count for those who send them. */
export function compileAddressing({ actor }: Pick<CycleDefinition, 'actor'>): Addressing | undefined {
  if (typeof actor === 'string') return undefined
  const paths = [actor.id].flat()
  const readers = paths.map((path) => compileAddressPath(path, actor.type))
  const read = (event: SentEvent): Addressees => {
    const ids = new Set<string>()
    const invalid: unknown[] = []
    for (const reader of readers) {
      const value = reader(event)
      if (Array.isArray(value)) for (const item of value) take(item)
      else take(value)
    }
    return ids.size > addressLimits.actors ? { ids: [], invalid, surplus: ids.size } : { ids: [...ids], invalid, surplus: undefined }

    function take(value: unknown): void {
      if (value === undefined || value === null) return
      const id = idOf(value)
      if (id === undefined) invalid.push(value)
      else ids.add(id)
    }
  }
  return { paths, read }
}

function compileAddressPath(path: string, type: string): (event: SentEvent) => unknown {
  if (path !== OWN_ACTOR_PATH) return compilePath(path)
  return ({ actorType, actorId }) => (actorType === type ? actorId : undefined)
}

/** A value as the id of an actor, by the grammar of all ids: text, or a whole number as text; undefined if it is neither. */
function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== 'string' || value === '' || !value.isWellFormed()) return undefined
  return value.length * 3 <= ID_BYTES_MAX || Buffer.byteLength(value) <= ID_BYTES_MAX ? value : undefined
}
