import type { Instant } from '#contracts'
import { EVENT_NAME_MAX, idDefect, valueRefusal } from '../rows/bounds.ts'
import { invalidEvent, Refusal } from '../rows/refusal.ts'
import { type CallType, callTypes, isJsonObject, type JsonObject, type SourceRow } from '../rows/source-row.ts'
import { limitToArrival, ownTiming, type Timing } from '../times/arrival.ts'
import { describeNoTime } from '../times/no-time.ts'
import { readInstant } from '../times/times.ts'

const SOURCE_LENGTH_MAX = 256
const types: ReadonlySet<unknown> = new Set(callTypes)

const objectDefect = (value: unknown): string | undefined => (isJsonObject(value) ? undefined : 'expected an object')

function timeDefect(value: unknown): string | undefined {
  if (typeof value === 'string' && readInstant(value) !== undefined) return undefined
  const more = typeof value === 'string' ? describeNoTime(value) : ''
  return `expected an ISO 8601 time with a zone, such as 2026-01-31T12:00:00.000Z${more === '' ? '' : `; found ${JSON.stringify(value)}${more}`}`
}

const textDefect = (value: unknown): string | undefined => (typeof value === 'string' ? idDefect(value) : 'expected a string')

function nameDefect(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '' && value.length <= EVENT_NAME_MAX) return undefined
  return `expected a name of 1 to ${EVENT_NAME_MAX} characters`
}

function sourceDefect(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= SOURCE_LENGTH_MAX ? undefined : `expected at most ${SOURCE_LENGTH_MAX} characters`
}

function actorDefect(value: unknown): string | undefined {
  if (!isJsonObject(value)) return 'expected an object {type, id}'
  for (const key in value) if (key !== 'type' && key !== 'id') return `expected no ${key}`
  const type = textDefect(value.type)
  if (type !== undefined) return `type: ${type}`
  const id = textDefect(value.id)
  return id === undefined ? undefined : `id: ${id}`
}

/** Checks of each key that decide as activityEventSchema does, at a lower cost. A test compares the two. */
const defects: ReadonlyMap<string, (value: unknown) => string | undefined> = new Map([
  ['id', textDefect],
  ['type', (value) => (types.has(value) ? undefined : `expected one of ${callTypes.join(', ')}`)],
  ['event', nameDefect],
  ['actor', actorDefect],
  ['time', timeDefect],
  ['receivedAt', timeDefect],
  ['claimedTime', timeDefect],
  ['properties', objectDefect],
  ['traits', objectDefect],
  ['context', objectDefect],
  ['source', sourceDefect],
  ['anonymousId', textDefect],
])

/** The keys that a line may leave out, because the reader supplies their values: id and receivedAt. */
const required = ['event', 'actor', 'time'] as const

/** The defect of an event; undefined if it is valid. */
export function eventRefusal(event: JsonObject): Refusal | undefined {
  for (const key of required) if (event[key] === undefined) return invalidEvent(`${key}: expected a value, found none`)
  for (const key in event) {
    const check = defects.get(key)
    if (check === undefined) return invalidEvent(`expected no ${key}`)
    const defect = check(event[key])
    if (defect !== undefined) return invalidEvent(`${key}: ${defect}`)
  }
  return valueRefusal(event)
}

/** How lines with events are read. */
export interface EventSetting {
  readonly newId: () => string
  /** Whether the arrival is the recorded time. Otherwise it is the time of the event. */
  readonly asRecorded: boolean
}

function timingOf(event: JsonObject, asRecorded: boolean): Timing | Refusal {
  const time = readInstant(event.time as string) as Instant
  if (!asRecorded) return ownTiming(time)
  if (event.receivedAt === undefined) return invalidEvent('receivedAt: expected a value, found none')
  return limitToArrival(time, readInstant(event.receivedAt as string) as Instant, time)
}

/** Reads an ActivityEvent of a file as a row. */
export function decodeEvent(event: JsonObject, line: number, setting: EventSetting): SourceRow | Refusal {
  const refusal = eventRefusal(event)
  if (refusal !== undefined) return refusal
  const timing = timingOf(event, setting.asRecorded)
  if (timing instanceof Refusal) return timing
  const actor = event.actor as { type: string; id: string }
  return {
    line,
    time: timing.time,
    arrival: timing.arrival,
    id: (event.id as string | undefined) ?? setting.newId(),
    event: event.event as string,
    type: (event.type as CallType | undefined) ?? 'track',
    actorType: actor.type,
    actorId: actor.id,
    properties: event.properties as JsonObject | undefined,
    traits: event.traits as JsonObject | undefined,
    context: event.context as JsonObject | undefined,
    claimedTime: timing.claimedTime ?? (event.claimedTime === undefined ? undefined : readInstant(event.claimedTime as string)),
    source: event.source as string | undefined,
    anonymousId: event.anonymousId as string | undefined,
  }
}
