import { type ActivityEvent, activityEventSchema, type ControlRecord, controlRecordSchema, formatInstant, instantOf } from '#contracts'
import type { FoldEvent } from '#cycle'

/** What a frame holds at one index. What cannot be read is kept as it came, with the reason. */
export type Entry =
  | { readonly kind: 'event'; readonly event: FoldEvent; readonly record: ActivityEvent }
  | { readonly kind: 'control'; readonly record: ControlRecord }
  | { readonly kind: 'poison'; readonly reason: string; readonly raw: string }

/** The entries of a frame, by index. A bad one does not hinder the others. */
export function decodeFrame(frame: string): Entry[] {
  return parseLines(frame).map(({ value, raw }) => (value === undefined ? poison('it is not JSON', raw()) : decodeEntry(value, raw)))
}

interface Line {
  readonly value: unknown
  readonly raw: () => string
}

function parseLines(frame: string): Line[] {
  const text = frame.endsWith('\n') ? frame.slice(0, -1) : frame
  try {
    // JSON has no raw line feeds, so one parse of the whole frame is the parse of every line, and a third faster.
    const values = JSON.parse(`[${text.replaceAll('\n', ',')}]`) as unknown[]
    if (values.length === text.split('\n').length) return values.map((value) => ({ value, raw: () => JSON.stringify(value) }))
  } catch {
    // Some line is damaged; which one, parsing them one by one will tell.
  }
  return text.split('\n').map((line) => ({ value: parseLine(line), raw: () => line }))
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function decodeEntry(value: unknown, raw: () => string): Entry {
  if (typeof value === 'object' && value !== null && 'record' in value) {
    const control = controlRecordSchema.safeParse(value)
    return control.success ? { kind: 'control', record: control.data } : poison(firstIssue(control.error), raw())
  }
  const event = value as ActivityEvent
  if (looksSound(event)) {
    const { id, event: name, actor, properties, traits, context } = event
    const [time, arrival] = [instantOf(event.time), instantOf(event.receivedAt)]
    if (time <= arrival)
      return { kind: 'event', event: { id, event: name, actorType: actor.type, actorId: actor.id, time, arrival, properties, traits, context }, record: event }
  }
  return refuse(value, raw)
}

// What ingest wrote has passed the schema; these few looks keep what another writer put there from doing harm.
function looksSound(event: ActivityEvent | null): event is ActivityEvent {
  return isId(event?.id) && typeof event?.event === 'string' && isId(event.actor?.type) && isId(event.actor?.id) && hasTimes(event) && hasBags(event)
}

const isId = (id: unknown): boolean => typeof id === 'string' && id !== '' && id.length <= 85 && id.isWellFormed()
const hasTimes = (event: ActivityEvent): boolean => isTime(event.time) && isTime(event.receivedAt)
const isTime = (time: unknown): boolean => typeof time === 'string' && time.length === 24 && CANONICAL_TIME.test(time) && isRealDay(time)
// Only days after the 28th can be missing from a month.
const isRealDay = (time: string): boolean => time.slice(8, 10) <= '28' || formatInstant(instantOf(time)) === time
const CANONICAL_TIME = /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const hasBags = (event: ActivityEvent): boolean => isBag(event.properties) && isBag(event.traits) && isBag(event.context)
const isBag = (bag: unknown): boolean => bag === undefined || (typeof bag === 'object' && bag !== null && !Array.isArray(bag))

function refuse(value: unknown, raw: () => string): Entry {
  const parsed = activityEventSchema.safeParse(value)
  if (!parsed.success) return poison(firstIssue(parsed.error), raw())
  const { id, event: name, actor, properties, traits, context } = parsed.data
  const [time, arrival] = [instantOf(parsed.data.time), instantOf(parsed.data.receivedAt)]
  if (!(time <= arrival)) return poison('its time is after its arrival', raw())
  return {
    kind: 'event',
    event: { id, event: name, actorType: actor.type, actorId: actor.id, time, arrival, properties, traits, context },
    record: parsed.data,
  }
}

function firstIssue(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues
  return issue === undefined ? 'it fits no schema' : `${issue.path.map(String).join('.') || 'it'}: ${issue.message}`
}

function poison(reason: string, raw: string): Entry {
  return { kind: 'poison', reason, raw: raw.slice(0, RAW_MAX) }
}

const RAW_MAX = 65_536
