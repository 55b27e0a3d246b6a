import { type ActivityEvent, formatInstant, type Instant, type Reference, type SourceDefinition, type SourceMapping } from '#contracts'
import { eventRefusal } from '../json/event-line.ts'
import { invalidEvent, Refusal } from '../rows/refusal.ts'
import type { JsonObject } from '../rows/source-row.ts'
import { limitToArrival, type Timing } from '../times/arrival.ts'
import { describeNoTime } from '../times/no-time.ts'
import { timeReader, valueReader } from '../times/times.ts'
import { arrivalOf } from './arrival-of.ts'
import { referenceReader, referenceText } from './reference.ts'
import { sourceIds } from './source-ids.ts'
import type { ReadRecord } from './source-record.ts'

/** Where Rondo's own events have their parts: the mapping of plain JSON, for parts that the definition does not map. */
export const jsonMap = {
  id: 'id',
  event: 'event',
  actor: 'actor.id',
  actorType: 'actor.type',
  time: 'time',
  properties: 'properties',
  traits: 'traits',
  context: 'context',
} as const satisfies SourceMapping

/** The mappings of the known formats. */
const knownMaps = {
  json: jsonMap,
  // A CloudEvent is identified by its source and its id together.
  cloudevents: { id: { join: ['source', 'id'] }, event: 'type', actor: 'subject', time: ['time', '$timestamp'], properties: 'data' },
} satisfies Record<string, SourceMapping>

/** Reads one part of an event. */
export type Part = (read: ReadRecord) => unknown | Refusal

/** Makes one event from the value of a record. */
export function eventMapper(source: SourceDefinition): (read: ReadRecord, now: Instant) => ActivityEvent | Refusal {
  const { topic, format, map = {}, timeFormat, timezone } = source
  const ids = sourceIds(source)
  const completeMap: SourceMapping = { ...knownMaps[format === 'cloudevents' ? 'cloudevents' : 'json'], ...map }
  const setting = { timeFormat, timezone }
  const readTime = valueReader(timeReader(setting))
  const [idOf, nameOf, actorOf, typeOf] = [
    idText('id', completeMap.id),
    requiredPart('event', completeMap.event),
    requiredPart('actor', completeMap.actor),
    idText('actorType', completeMap.actorType),
  ]
  const timeOf = requiredPart('time', completeMap.time)
  const readers = (['properties', 'traits', 'context'] as const).map((key) => [key, optionalReader(completeMap[key])] as const)

  const timingOf = (read: ReadRecord, now: Instant): Timing | Refusal => {
    const value = timeOf(read)
    if (value instanceof Refusal) return value
    const time = readTime(value)
    if (time === undefined)
      return invalidEvent(
        `time: expected a time${timeFormat === undefined ? '' : ` (${timeFormat})`}, found ${valueText(value)}${describeNoTime(String(value), setting)}`,
      )
    return limitToArrival(time, arrivalOf(read.record, time, now), time)
  }

  return (read, now) => {
    const actorId = textOf('actor', actorOf(read))
    const [id, name, actorType] = [idOf(read), nameOf(read), typeOf(read)]
    const timing = timingOf(read, now)
    for (const part of [name, actorId, actorType, timing, id]) if (part instanceof Refusal) return part
    const { time, arrival, claimedTime } = timing as Timing
    const event: JsonObject = {
      id: id === undefined ? ids.ofPlace(read) : ids.own(id as string),
      type: 'track',
      event: name,
      actor: { type: actorType ?? 'user', id: actorId },
      time: formatInstant(time),
      receivedAt: formatInstant(arrival),
      source: topic,
    }
    if (claimedTime !== undefined) event.claimedTime = formatInstant(claimedTime)
    for (const [key, readReference] of readers) {
      const value = readReference(read)
      if (value !== undefined) event[key] = value
    }
    return eventRefusal(event) ?? (event as ActivityEvent)
  }
}

/** Reads a reference; undefined if the mapping has none. */
export const optionalReader = (reference: Reference | undefined) => (reference === undefined ? () => undefined : referenceReader(reference))

/** A part of an event that must have a value. */
export function requiredPart(what: string, reference: Reference | undefined): Part {
  const readReference = optionalReader(reference)
  return (read) =>
    readReference(read) ?? invalidEvent(`${what}: expected a value at ${reference === undefined ? 'a path' : referenceText(reference)}, found none`)
}

/** A part of an event that is an id: text, or a number as text. */
export function idText(what: string, reference: Reference | undefined): Part {
  const readReference = optionalReader(reference)
  return (read) => {
    const value = readReference(read)
    return value === undefined ? undefined : textOf(what, value)
  }
}

/** Ids are often numbers; readJson gives numbers beyond 2^53 as text. */
export function textOf(what: string, value: unknown): string | Refusal {
  if (value instanceof Refusal) return value
  if (typeof value === 'string') return value
  if (Number.isSafeInteger(value)) return String(value)
  return invalidEvent(`${what}: expected a string or a whole number, found ${valueText(value)}`)
}

/** How much of a value a message shows. */
const SHOWN_LENGTH_MAX = 60

/** A value as messages show it. */
export function valueText(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object'
  const text = JSON.stringify(value) ?? 'none'
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}
