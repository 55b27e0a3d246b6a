import { type ActivityEvent, formatInstant, type Instant, type QuarantineRecord, type SourceDefinition } from '#contracts'
import { type EventCheck, rawOf } from '../dialects/read-calls.ts'
import { sharedByBatch } from '../dialects/segment-batch.ts'
import { decodeCall, isMissing, sharedContext } from '../dialects/segment-call.ts'
import { cutRaw, invalidEvent, Refusal } from '../rows/refusal.ts'
import { isJsonObject, type JsonObject, toActivityEvent } from '../rows/source-row.ts'
import { limitToArrival, type Timing } from '../times/arrival.ts'
import { noTime } from '../times/no-time.ts'
import { readTimeValue } from '../times/times.ts'
import { arrivalOf } from './arrival-of.ts'
import { eventMapper } from './map-event.ts'
import { readCloudEvent, readValue } from './read-value.ts'
import { referenceReader } from './reference.ts'
import { sourceIds } from './source-ids.ts'
import { placeOf, type ReadRecord, type SourceRecord } from './source-record.ts'

/** The result for one record: events, or refused parts with the reason. Never empty. */
export interface MappedRecord {
  readonly events: readonly ActivityEvent[]
  readonly quarantine: readonly QuarantineRecord[]
}

/** @param now the reader's clock */
export type RecordMapper = (record: SourceRecord, now: Instant) => MappedRecord

/** The event of a record, or why it has none. */
type Mapped = ActivityEvent | Refusal

/**
 * Maps records of a source to events. Pure: the same record gives the same ids. It never throws.
 * @param check refuses events that were read
 */
export function recordMapper(source: SourceDefinition, check?: EventCheck): RecordMapper {
  const readRecord = source.format === 'cloudevents' ? readCloudEvent : readValue
  const mapEvent = eventMapper(source)
  const mapAll = source.format === 'segment' ? callMapper(source) : (value: ReadRecord, now: Instant): Mapped[] => [mapEvent(value, now)]
  return (record, now) => {
    const value = readRecord(record)
    const read = value instanceof Refusal ? [value] : mapAll(value, now)
    const mapped = read.map((one) => (one instanceof Refusal ? one : (check?.(one) ?? one)))
    const refused = (refusal: Refusal, index: number) => {
      const place = value instanceof Refusal ? { record, value: undefined, index: undefined } : { ...value, index: mapped.length === 1 ? undefined : index }
      return refusedRecord(source, refusal, { ...place, now })
    }
    return {
      events: mapped.filter((one): one is ActivityEvent => !(one instanceof Refusal)),
      quarantine: mapped.flatMap((one, index) => (one instanceof Refusal ? [refused(one, index)] : [])),
    }
  }
}

/** The times of these calls are not corrected, because they were corrected when the call was received, as in archives. */
const CALL_TIMES = ['timestamp', 'originalTimestamp', 'sentAt', 'receivedAt']

/** A record is one call, or a batch of them as SDKs send it. */
function callMapper(source: SourceDefinition): (read: ReadRecord, now: Instant) => Mapped[] {
  const { topic, map } = source
  const ids = sourceIds(source)
  const typeOf = referenceReader(map?.actorType ?? { text: 'user' })
  return (read, now) => {
    const { value } = read
    if (!isJsonObject(value) || !Array.isArray(value.batch)) return [mapCall(value)]
    if (value.batch.length === 0) return [invalidEvent('expected a call, found an empty batch')]
    const shared = sharedContext(value)
    return value.batch.map((call, index) => mapCall(call, index, shared))

    function mapCall(call: unknown, index?: number, shared?: ReturnType<typeof sharedContext>): Mapped {
      const actorType = typeOf({ ...read, value: call })
      if (typeof actorType !== 'string') return invalidEvent('actorType: expected a string')
      const timing = (object: JsonObject) => callTiming({ ...read, value: object }, now)
      let made: string | undefined
      const newId = (): string => {
        made = ids.ofPlace(read, index)
        return made
      }
      const row = decodeCall(call, 1, { newId, actorType, ...shared, timing })
      return row instanceof Refusal ? row : toActivityEvent({ ...row, id: made ?? ids.own(row.id), source: topic })
    }
  }
}

function callTiming(read: ReadRecord, now: Instant): Timing | Refusal {
  const { value } = read
  const key = isJsonObject(value) ? CALL_TIMES.find((name) => !isMissing(value[name])) : undefined
  const arrival = arrivalOf(read.record, Number.NEGATIVE_INFINITY, now)
  if (key === undefined) return { time: arrival, arrival, claimedTime: undefined }
  const claim = (value as JsonObject)[key]
  const time = readTimeValue(claim)
  if (time === undefined) return noTime(key, claim)
  return limitToArrival(time, arrivalOf(read.record, time, now), time)
}

const formOf = { json: 'source', cloudevents: 'cloudevents', segment: 'segment' } as const

/** A record, or a call in it, that was refused. */
interface RefusedPart {
  readonly record: SourceRecord
  /** The value of the record; undefined if it could not be read. */
  readonly value: unknown
  /** The position in a batch with several calls. */
  readonly index: number | undefined
  readonly now: Instant
}

/** Of a batch only the refused call is kept: the others are in the log. */
function refusedRecord(source: SourceDefinition, { code, reason, path }: Refusal, part: RefusedPart): QuarantineRecord {
  const { record, value, index, now } = part
  const { name, topic, format, idScope } = source
  return {
    code,
    reason,
    where: index === undefined ? placeOf(record) : `${placeOf(record)}, index ${index}`,
    refusedAt: formatInstant(now),
    ...textOf(source, part),
    id: sourceIds(source).ofPlace({ record, value }, index),
    ...(path === undefined ? {} : { path }),
    source: topic,
    form: formOf[format],
    ...(idScope === 'global' ? {} : { idPrefix: `${name}:` }),
  }
}

function textOf({ format }: SourceDefinition, { record, value, index }: RefusedPart): Pick<QuarantineRecord, 'raw' | 'batch'> {
  const { batch, context } = isJsonObject(value) ? value : {}
  if (index !== undefined && Array.isArray(batch)) {
    const shared = sharedByBatch({ context })
    return { raw: rawOf(batch[index]), ...(shared === undefined ? {} : { batch: shared }) }
  }
  // The attributes of a CloudEvent may be in headers.
  if (format === 'cloudevents' && value !== undefined) return { raw: rawOf(value) }
  return { raw: record.value === null ? '' : cutRaw(Buffer.from(record.value.subarray(0, RAW_BYTES_MAX)).toString()) }
}

/** A character has at most four bytes. */
const RAW_BYTES_MAX = 4 * 65_536
