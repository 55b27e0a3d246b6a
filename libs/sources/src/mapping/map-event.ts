import { type ActivityEvent, formatInstant, type Instant, type Reference, type SourceDefinition, type SourceMapping } from '#contracts'
import { eventRefusal } from '../json/event-line.ts'
import { invalidEvent, Refusal } from '../rows/refusal.ts'
import type { JsonObject } from '../rows/source-row.ts'
import { limitToArrival, type Timing } from '../times/arrival.ts'
import { describeNoTime } from '../times/no-time.ts'
import { timeReader, valueReader } from '../times/times.ts'
import { arrivalOf } from './arrival-of.ts'
import { referenceText, takerOf } from './reference.ts'
import { sourceIds } from './source-ids.ts'
import type { ReadRecord } from './source-record.ts'

/** Where the parts of an event are in the known formats. Plain JSON has, unless mapped otherwise, the form of Rondo's own events. */
const knownMaps = {
  json: {
    id: 'id',
    event: 'event',
    actor: 'actor.id',
    actorType: 'actor.type',
    time: 'time',
    properties: 'properties',
    traits: 'traits',
    context: 'context',
  },
  // A CloudEvent is identified by its source and its id together.
  cloudevents: { id: { join: ['source', 'id'] }, event: 'type', actor: 'subject', time: ['time', '$timestamp'], properties: 'data' },
} satisfies Record<string, SourceMapping>

/** The mapping of plain JSON, for parts that the definition does not map. */
export const jsonMap: SourceMapping = knownMaps.json

/** What a part of an event is taken with. */
export type Part = (read: ReadRecord) => unknown | Refusal

/** Makes one event of a record's value. */
export function eventMapper(source: SourceDefinition): (read: ReadRecord, now: Instant) => ActivityEvent | Refusal {
  const { topic, format, map = {}, timeFormat, timezone } = source
  const ids = sourceIds(source)
  const whole: SourceMapping = { ...knownMaps[format === 'cloudevents' ? 'cloudevents' : 'json'], ...map }
  const setting = { timeFormat, timezone }
  const readTime = valueReader(timeReader(setting))
  const [idOf, nameOf, actorOf, typeOf] = [
    idText('id', whole.id),
    needed('event', whole.event),
    needed('actor', whole.actor),
    idText('actorType', whole.actorType),
  ]
  const timeOf = needed('time', whole.time)
  const takers = (['properties', 'traits', 'context'] as const).map((key) => [key, takerFor(whole[key])] as const)

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
    for (const [key, take] of takers) {
      const value = take(read)
      if (value !== undefined) event[key] = value
    }
    return eventRefusal(event) ?? (event as ActivityEvent)
  }
}

export const takerFor = (reference: Reference | undefined) => (reference === undefined ? () => undefined : takerOf(reference))

export function needed(what: string, reference: Reference | undefined): Part {
  const take = takerFor(reference)
  return (read) => take(read) ?? invalidEvent(`${what}: expected a value at ${reference === undefined ? 'a path' : referenceText(reference)}, found none`)
}

export function idText(what: string, reference: Reference | undefined): Part {
  const take = takerFor(reference)
  return (read) => {
    const value = take(read)
    return value === undefined ? undefined : textOf(what, value)
  }
}

/** Ids are often numbers; those beyond 2^53 come as their text (readJson). */
export function textOf(what: string, value: unknown): string | Refusal {
  if (value instanceof Refusal) return value
  if (typeof value === 'string') return value
  if (Number.isSafeInteger(value)) return String(value)
  return invalidEvent(`${what}: expected a string or a whole number, found ${valueText(value)}`)
}

const SHOWN_LENGTH_MAX = 60

export function valueText(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object'
  const text = JSON.stringify(value) ?? 'none'
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text
}
