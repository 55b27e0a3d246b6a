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

/** The entry of a frame at one index. An unreadable one (`poison`) is kept as it came, with the reason. */
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

/** The entries of a frame, by index. The others are read even if one is unreadable. */
export function decodeFrame(frame: string): Entry[] {
  const text = frame.endsWith('\n') ? frame.slice(0, -1) : frame
  const values = parseWhole(text)
  if (values !== undefined) return values.map((value) => decodeEntry(value, undefined))
  return text.split('\n').map((line) => {
    const value = parseLine(line)
    return value === undefined ? poison('it is not JSON', line) : decodeEntry(value, line)
  })
}

/** In a frame a line feed only separates entries, so all lines can be parsed as one array; undefined if a line is damaged. */
function parseWhole(text: string): unknown[] | undefined {
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

/** @param line the text of the entry, if it was parsed by itself */
function decodeEntry(value: unknown, line: string | undefined): Entry {
  if (typeof value === 'object' && value !== null && 'record' in value) return controlEntry(value, line)
  const record = value as ActivityEvent
  return (looksSound(record) ? eventEntry(record, canonicalInstant(record.time), canonicalInstant(record.receivedAt)) : undefined) ?? checkedEntry(value, line)
}

/** Times are rewritten in Rondo's form, so that the fold can read all of them: log time would wait for ever behind a tick with an unreadable time. */
function controlEntry(value: object, line: string | undefined): Entry {
  const raw = (): string => line ?? JSON.stringify(value)
  const control = controlRecordSchema.safeParse(value)
  if (!control.success) return poison(firstIssue(control.error), raw())
  const at = parseInstant(control.data.time)
  if (at === undefined || Number.isNaN(at)) return poison('time: expected a time that can be read', raw())
  return { kind: 'control', record: { ...control.data, time: formatInstant(at) } }
}

// Entries of ingest have passed the schema. These few checks find the entries of other programs that could do harm, at a low cost.
function looksSound(event: ActivityEvent | null): event is ActivityEvent {
  return isId(event?.id) && typeof event?.event === 'string' && isId(event.actor?.type) && isId(event.actor?.id) && hasObjects(event)
}

const isId = (id: unknown): boolean => typeof id === 'string' && id !== '' && id.length <= 85 && id.isWellFormed()
const hasObjects = (event: ActivityEvent): boolean => isObjectOrMissing(event.properties) && isObjectOrMissing(event.traits) && isObjectOrMissing(event.context)
const isObjectOrMissing = (value: unknown): boolean => value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))

/** Undefined if a time cannot be read, or the event happened after it arrived. */
function eventEntry(record: ActivityEvent, time: Instant, arrival: Instant): Entry | undefined {
  if (!(time <= arrival)) return undefined
  const { id, event: name, actor, properties, traits, context } = record
  return { kind: 'event', event: { id, event: name, actorType: actor.type, actorId: actor.id, time, arrival, properties, traits, context }, record }
}

/** Checks an event by the whole schema: it is either valid in another form, or refused. */
function checkedEntry(value: unknown, line: string | undefined): Entry {
  const raw = (): string => line ?? JSON.stringify(value)
  const parsed = activityEventSchema.safeParse(value)
  if (!parsed.success) return poison(firstIssue(parsed.error), raw())
  // Not the parsed copy, in which a property of the name __proto__ is missing.
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

const RAW_MAX = 65_536
