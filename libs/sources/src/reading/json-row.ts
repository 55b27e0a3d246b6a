import { decodeCall, isMissing } from '../dialects/segment-call.ts'
import { decodeEvent } from '../json/event-line.ts'
import { lineDefect } from '../json/ndjson-defect.ts'
import { type LineMapping, lineMapper } from '../mapping/map-line.ts'
import { readJson } from '../rows/read-json.ts'
import { invalidEvent, invalidRow, Refusal } from '../rows/refusal.ts'
import { isJsonObject, type JsonObject, type SourceRow } from '../rows/source-row.ts'
import { limitToArrival, ownTiming, type Timing } from '../times/arrival.ts'
import { noTime } from '../times/no-time.ts'
import { type LeftOut, outOfSpan, type RowSetting } from '../times/row-setting.ts'
import { readTimeValue } from '../times/times.ts'

/** Reads one line of NDJSON. `newId` makes an id for a row that has none. */
export type JsonRowReader = (text: string, line: number, newId: () => string) => SourceRow | Refusal | LeftOut

function readTime(call: JsonObject, key: string): number | undefined | Refusal {
  const value = call[key]
  return isMissing(value) ? undefined : (readTimeValue(value) ?? noTime(key, value))
}

/**
 * The time when a call in a file happened: its timestamp, which was corrected when the call was received and is not corrected again here.
 * Without a timestamp it is the originalTimestamp, the sentAt or the receivedAt.
 */
function callTiming(call: JsonObject, asRecorded: boolean): Timing | Refusal {
  const receivedAt = readTime(call, 'receivedAt')
  const time = readTime(call, 'timestamp') ?? readTime(call, 'originalTimestamp') ?? readTime(call, 'sentAt') ?? receivedAt
  if (time instanceof Refusal) return time
  if (time === undefined) return invalidEvent('timestamp: expected a value, found none')
  if (!asRecorded) return ownTiming(time)
  if (receivedAt === undefined) return invalidEvent('receivedAt: expected a value, found none')
  return receivedAt instanceof Refusal ? receivedAt : limitToArrival(time, receivedAt, time)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

function parse(text: string): JsonObject | Refusal {
  try {
    const value = readJson(text)
    return isJsonObject(value) ? value : invalidRow(`expected a JSON object, found ${kindOf(value)}`)
  } catch (error) {
    return invalidRow(lineDefect(text) ?? `expected JSON: ${(error as Error).message}`)
  }
}

/**
 * Creates a reader of lines. With a mapping it reads any JSON. Without a mapping each line is an ActivityEvent (it has an `actor` or a
 * `time`) or a Segment call.
 */
export function jsonRowReader(rowSetting: RowSetting, map?: LineMapping): JsonRowReader {
  const { asRecorded, actorType } = rowSetting
  const timing = (call: JsonObject): Timing | Refusal => callTiming(call, asRecorded)
  const mapped = map === undefined ? undefined : lineMapper(map, actorType)
  return (text, line, newId) => {
    const value = parse(text)
    if (value instanceof Refusal) return value
    const setting = { newId, asRecorded, actorType, timing }
    const isEvent = Object.hasOwn(value, 'actor') || Object.hasOwn(value, 'time')
    const row = mapped !== undefined ? mapped(value, line, setting) : isEvent ? decodeEvent(value, line, setting) : decodeCall(value, line, setting)
    return row instanceof Refusal ? row : (outOfSpan(row, rowSetting) ?? row)
  }
}
