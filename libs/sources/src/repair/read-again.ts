import { type ActivityEvent, type Instant, instantOf, type QuarantineRecord, type RefusedForm, type Repair } from '#contracts'
import { readCloudEvents } from '../dialects/cloudevents.ts'
import { readPosthogCaptures } from '../dialects/posthog.ts'
import type { ReadCalls } from '../dialects/read-calls.ts'
import { readSegmentBatch, readSegmentCall, segmentCallNames } from '../dialects/segment-batch.ts'
import { decodeEvent } from '../json/event-line.ts'
import { lineMapper } from '../mapping/map-line.ts'
import type { SourceRecord } from '../mapping/source-record.ts'
import { idDefect } from '../rows/bounds.ts'
import { readJson } from '../rows/read-json.ts'
import { invalidAt, invalidEvent, RAW_LENGTH_MAX, Refusal } from '../rows/refusal.ts'
import { isJsonObject, type JsonObject, type SourceRow, toActivityEvent } from '../rows/source-row.ts'
import { limitToArrival } from '../times/arrival.ts'
import { type ReadableForm, type Repaired, repaired } from './repaired.ts'

/** A refused event that is read again. */
export interface RefusedEvent {
  readonly record: QuarantineRecord
  /** The id of its event if it has none of its own: the same at each reading. */
  readonly madeId: string
  /** Its arrival if the record does not say when it was refused. */
  readonly now: Instant
}

/**
 * Reads a refused event again, as at its arrival, after the repair. Pure: the same record and repair give the same event, apart from `receivedAt`, which is the
 * arrival of the first time and must be set to that of the event's writing.
 */
export function readAgain({ record, madeId, now }: RefusedEvent, repair: Repair = {}): ActivityEvent | Refusal {
  const form = formOf(record)
  if (form === 'row') return invalidEvent('a line of a file cannot be tried again here: correct the file and import it')
  if (record.raw.length >= RAW_LENGTH_MAX) return new Refusal('RONDO_EVENT_TOO_LARGE', `of its text only ${RAW_LENGTH_MAX} characters are kept: send it again`)
  const value = parsedRaw(record.raw)
  if (value instanceof Refusal) return value
  const arrival = record.refusedAt === null ? now : instantOf(record.refusedAt)
  const alone = form === 'segment' ? onlyCall(value) : { value, batch: undefined }
  const change = repaired({ value: alone.value, record: recordOf(record, arrival) }, form, repair)
  if (change instanceof Refusal) return change
  const event = eventOf(change, { form, record: { ...record, batch: record.batch ?? alone.batch }, arrival, madeId })
  return event instanceof Refusal ? event : finished(event, change, record, madeId)
}

/** Records of releases before this field tell their form by their place. */
function formOf({ form, where, raw }: QuarantineRecord): RefusedForm {
  if (form !== undefined) return form
  if (where.startsWith('POST /capture')) return 'posthog'
  if (where.startsWith('POST /v1/cloudevents')) return 'cloudevents'
  if (where.startsWith('POST ')) return 'segment'
  if (where.startsWith('topic ')) return 'source'
  // Of a file: a line is an event if it has an actor or a time, else a call.
  return /"(actor|time)"/.test(raw) ? 'event' : 'segment'
}

function parsedRaw(raw: string): unknown {
  try {
    return readJson(raw)
  } catch (error) {
    return error instanceof SyntaxError ? invalidEvent(`expected JSON: ${error.message}`) : invalidEvent('expected JSON that is not nested so deep')
  }
}

/** A record of a topic may be a batch with one call. */
function onlyCall(value: unknown): { value: unknown; batch: QuarantineRecord['batch'] } {
  if (!isJsonObject(value) || !Array.isArray(value.batch) || value.batch.length !== 1) return { value, batch: undefined }
  return { value: value.batch[0], batch: { context: value.context, sentAt: value.sentAt } }
}

/** For references to what is beside the value: `$timestamp` is the arrival. */
function recordOf({ source }: QuarantineRecord, arrival: Instant): SourceRecord {
  return { topic: source ?? '', partition: 0, offset: 0, key: null, value: null, headers: {}, timestamp: arrival, isAppendTime: true }
}

/** A refused record that is read again. */
interface Reading {
  readonly form: ReadableForm
  readonly record: QuarantineRecord
  readonly arrival: Instant
  readonly madeId: string
}

function eventOf(change: Repaired, reading: Reading): ActivityEvent | Refusal {
  const { form, arrival, madeId } = reading
  const { value } = change
  const setting = { newId: () => madeId, asRecorded: false }
  switch (form) {
    case 'event':
      return fromRow(isJsonObject(value) ? decodeEvent(value, 1, setting) : invalidEvent('expected an object'), arrival)
    case 'source':
      return fromRow(lineMapper({}, 'user')(value, 1, setting), arrival)
    case 'cloudevents':
      return onlyOne(readCloudEvents(value, 'structured', arrival))
    default:
      return fromCall(change, { ...reading, form })
  }
}

function fromCall({ value, hasMappedTime }: Repaired, { form, record, arrival, madeId }: Reading & { readonly form: 'segment' | 'posthog' }) {
  const newId = (): string => madeId
  const sentAt = hasMappedTime ? undefined : record.batch?.sentAt
  const call = hasMappedTime && isJsonObject(value) ? withoutClock(value) : value
  if (form === 'posthog') return onlyOne(readPosthogCaptures({ batch: [call], sent_at: sentAt }, arrival, newId))
  const type = segmentCallNames.get(record.call ?? '')
  if (type === undefined) return onlyOne(readSegmentBatch({ batch: [call], sentAt, context: record.batch?.context }, arrival, newId))
  return isJsonObject(call) ? onlyOne(readSegmentCall(type, call, arrival, newId)) : invalidEvent('expected an object')
}

/** The clock of the sender is not corrected for a time that the repair names. */
const withoutClock = ({ sentAt: _sentAt, sent_at: _sent_at, ...call }: JsonObject): JsonObject => call

function onlyOne({ events: [event], refused: [refused] }: ReadCalls): ActivityEvent | Refusal {
  if (event !== undefined) return event
  return refused === undefined ? invalidEvent('expected an event') : new Refusal(refused.code, refused.reason, refused.path)
}

function fromRow(row: SourceRow | Refusal, arrival: Instant): ActivityEvent | Refusal {
  if (row instanceof Refusal) return row
  const timing = limitToArrival(row.time, arrival, row.claimedTime ?? row.time)
  return timing instanceof Refusal ? timing : toActivityEvent({ ...row, ...timing, claimedTime: timing.claimedTime ?? row.claimedTime })
}

function finished(event: ActivityEvent, { actorType }: Repaired, { source, idPrefix = '' }: QuarantineRecord, madeId: string): ActivityEvent | Refusal {
  const id = event.id === madeId ? madeId : idPrefix + event.id
  const defects = { id: idDefect(id), actorType: idDefect(actorType ?? 'user') }
  for (const [part, defect] of Object.entries(defects)) if (defect !== undefined) return invalidAt(part, defect)
  const actor = actorType === undefined ? event.actor : { type: actorType, id: event.actor.id }
  return { ...event, id, actor, ...(source === undefined ? {} : { source }) }
}
