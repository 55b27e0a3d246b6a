import type { ActivityEvent } from '#contracts'
import { partitionOf } from './actor-partition.ts'
import type { Addresses } from './partitioned-lines.ts'

/** The numbers of partitions of a log and of its copy, and the partition in which an event was found. */
export interface Move {
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** A line of the copy. */
interface CopiedLine {
  readonly partition: number
  readonly line: string
}

/**
 * The lines of an event in a copy of the log with another number of partitions (rule 22). The order of the events of an actor is that of its partition. So each
 * partition in which the event stands gives it to the actors that belong there; where the copy has only some of the actors of a partition from there, the
 * line names them. The partition of its sender also gives it to actors that nobody had addressed when it was written.
 */
export function repartitionedEvent(event: ActivityEvent, line: string, { partition, from, to }: Move, addresses: Addresses | undefined): CopiedLine[] {
  const own = event.actor.id
  const written = textsOf(event.addressed)
  const ids = [...new Set([own, ...written, ...(addresses?.(event) ?? [])])]
  if (ids.length === 1) return [{ partition: partitionOf(own, to), line }]
  const stands = event.countsFor === undefined ? undefined : new Set(textsOf(event.countsFor))
  const isHere = (id: string): boolean => partitionOf(id, from) === partition && (stands === undefined || stands.has(id))
  const isNew = (id: string): boolean => isHere(own) && !written.includes(id) && id !== own
  const here = ids.filter((id) => isHere(id) || isNew(id))
  const { addressed: _, countsFor: __, ...rest } = event
  const addressed = ids.filter((id) => id !== own)
  const ofCopy = Map.groupBy(ids, (id) => partitionOf(id, to))
  return [...Map.groupBy(here, (id) => partitionOf(id, to))].map(([target, some]) => {
    const isWhole = some.length === ofCopy.get(target)?.length
    const fields = { ...(ofCopy.size > 1 || !isWhole ? { addressed } : {}), ...(isWhole ? {} : { countsFor: some }) }
    return { partition: target, line: JSON.stringify({ ...rest, ...fields }) }
  })
}

/** A line may have been written by another program. */
const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [])
