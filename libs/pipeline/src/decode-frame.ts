import {
  type ActivityEvent,
  activityEventSchema,
  type ControlRecord,
  canonicalInstant,
  controlRecordSchema,
  type ErrorCode,
  formatInstant,
  type Instant,
  instantOf,
  parseInstant,
} from '#contracts'
import type { FoldEvent } from '#cycle'
import { foreignArrival, foreignControl, type LogRecord } from '#event-log'

/** The entry of a frame at one index. An unreadable entry (`poison`) keeps its text, with the reason. */
export type Entry =
  | { readonly kind: 'event'; readonly event: FoldEvent; readonly record: ActivityEvent }
  | { readonly kind: 'control'; readonly record: ControlRecord }
  | { readonly kind: 'poison'; readonly code: ErrorCode; readonly reason: string; readonly raw: string }

/** The entries of a record of the log, by index. Entries that no writer of Rondo can have written are refused, too. */
export function decodeRecord({ offset, appendedAt, frame }: LogRecord): Entry[] {
  const entries = decodeFrame(frame)
  if (appendedAt === undefined) return entries
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'poison') continue
    const reason = entry.kind === 'event' ? foreignArrival(entry.event.arrival, appendedAt) : foreignControl(entry.record, { offset, index, appendedAt })
    if (reason !== undefined) entries[index] = poison(reason, JSON.stringify(entry.record), 'RONDO_RECORD_FOREIGN')
  }
  return entries
}

/** The entries of a frame, by index. An unreadable entry does not prevent the reading of the others. */
export function decodeFrame(frame: string): Entry[] {
  const text = frame.endsWith('\n') ? frame.slice(0, -1) : frame
  const values = parseAsArray(text)
  if (values !== undefined) return values.map((value) => decodeEntry(value, undefined))
  return text.split('\n').map((line) => {
    const value = parseLine(line)
    return value === undefined ? poison('it is not JSON', line) : decodeEntry(value, line)
  })
}

/** In a frame a line feed only separates entries, so all lines can be parsed as one array; undefined if a line is damaged. */
function parseAsArray(text: string): unknown[] | undefined {
  try {
    const values = JSON.parse(`[${text.replaceAll('\n', ',')}]`) as unknown[]
    return values.length === lineCount(text) ? values : undefined
  } catch {
    return undefined
  }
}

function lineCount(text: string): number {
  let lines = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The entry of a parsed line. @param line its text, if it was parsed by itself: then quarantine can show the original */
function decodeEntry(value: unknown, line: string | undefined): Entry {
  if (typeof value === 'object' && value !== null && 'record' in value) return controlEntry(value, line)
  const record = value as ActivityEvent
  const entry = hasValidFields(record) ? eventEntry(record, canonicalInstant(record.time), canonicalInstant(record.receivedAt)) : undefined
  return entry ?? checkedEntry(value, line)
}

/** Writes times in Rondo's form, so that the fold can read all of them. With a tick whose time the fold cannot read, log time would stop for ever. */
function controlEntry(value: object, line: string | undefined): Entry {
  const raw = (): string => line ?? JSON.stringify(value)
  const control = controlRecordSchema.safeParse(value)
  if (!control.success) return poison(firstIssue(control.error), raw())
  const at = parseInstant(control.data.time)
  if (at === undefined || Number.isNaN(at)) return poison('time: expected a time that can be read', raw())
  return { kind: 'control', record: { ...control.data, time: formatInstant(at) } }
}

// Ingest has checked its entries with the schema. These checks cost less, and find the entries of other programs that the fold could not handle.
function hasValidFields(event: ActivityEvent | null): event is ActivityEvent {
  return isId(event?.id) && typeof event?.event === 'string' && isId(event.actor?.type) && isId(event.actor?.id) && hasObjects(event) && hasNoLists(event)
}

/** A text of this many UTF-16 units, with up to 3 bytes each, has at most the 256 bytes of UTF-8 that an id may have. Longer ids are checked by the schema. */
const ID_UNITS_MAX = 85
const isId = (id: unknown): boolean => typeof id === 'string' && id !== '' && id.length <= ID_UNITS_MAX && id.isWellFormed()
const hasObjects = (event: ActivityEvent): boolean => isObjectOrMissing(event.properties) && isObjectOrMissing(event.traits) && isObjectOrMissing(event.context)
/** Events with addressees of other partitions are rare: the schema checks their lists. */
const hasNoLists = ({ addressed, countsFor }: ActivityEvent): boolean => addressed === undefined && countsFor === undefined
const isObjectOrMissing = (value: unknown): boolean => value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))

/** The entry of an event; undefined if a time is not valid (NaN fails the comparison too), or the event happened after its arrival. */
function eventEntry(record: ActivityEvent, time: Instant, arrival: Instant): Entry | undefined {
  if (!(time <= arrival)) return undefined
  const { id, event: name, actor, properties, traits, context, addressed, countsFor } = record
  const event = { id, event: name, actorType: actor.type, actorId: actor.id, time, arrival, properties, traits, context, addressed, countsFor }
  return { kind: 'event', event, record }
}

/** Checks an event with the complete schema: it is valid in another form, or it is refused. */
function checkedEntry(value: unknown, line: string | undefined): Entry {
  const raw = (): string => line ?? JSON.stringify(value)
  const parsed = activityEventSchema.safeParse(value)
  if (!parsed.success) return poison(firstIssue(parsed.error), raw())
  // A copy of the value, because the parsed copy does not have a property named __proto__.
  const record: ActivityEvent = { ...(value as ActivityEvent), type: parsed.data.type }
  return eventEntry(record, instantOf(record.time), instantOf(record.receivedAt)) ?? poison('its time is after its arrival', raw())
}

function firstIssue(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues
  return issue === undefined ? 'it fits no schema' : `${issue.path.map(String).join('.') || 'it'}: ${issue.message}`
}

function poison(reason: string, raw: string, code: ErrorCode = 'RONDO_RECORD_INVALID'): Entry {
  return { kind: 'poison', code, reason, raw: raw.slice(0, RAW_MAX) }
}

/** The limit of characters of an unreadable entry that quarantine keeps. */
const RAW_MAX = 65_536
