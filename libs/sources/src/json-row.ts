import { settleTime, type Timing } from './arrival.ts'
import { decodeEvent } from './event-line.ts'
import { Fault, invalidEvent, invalidRow } from './fault.ts'
import { readJson } from './read-json.ts'
import type { LeftOut, RowSetting } from './row-setting.ts'
import { decodeCall } from './segment-call.ts'
import { type Bag, isBag, type SourceRow } from './source-row.ts'
import { readTimeValue } from './times.ts'

/** Reads one line of NDJSON. `id` is what the row gets if it has none of its own. */
export type JsonRowReader = (text: string, line: number, id: string) => SourceRow | Fault | LeftOut

function readTime(call: Bag, key: string): number | undefined | Fault {
  const said = call[key]
  if (said === undefined || said === null) return undefined
  return readTimeValue(said) ?? invalidEvent(`${key}: expected an ISO 8601 time, such as 2026-01-31T12:00:00.000Z`)
}

/**
 * When a call in a file happened. Archives of calls hold a timestamp that was corrected when they were received, so that nothing is
 * corrected again here; where there is none, it is the originalTimestamp, the sentAt or the receivedAt.
 */
function callTiming(call: Bag, asRecorded: boolean): Timing | Fault {
  const receivedAt = readTime(call, 'receivedAt')
  const time = readTime(call, 'timestamp') ?? readTime(call, 'originalTimestamp') ?? readTime(call, 'sentAt') ?? receivedAt
  if (time instanceof Fault) return time
  if (time === undefined) return invalidEvent('timestamp: expected a value, found none')
  if (!asRecorded) return { time, arrival: time, claimedTime: undefined }
  if (receivedAt === undefined) return invalidEvent('receivedAt: expected a value, found none')
  return receivedAt instanceof Fault ? receivedAt : settleTime(time, receivedAt, time)
}

function parse(text: string): Bag | Fault {
  try {
    const value = readJson(text)
    return isBag(value) ? value : invalidRow('expected a JSON object')
  } catch (error) {
    return invalidRow(`expected JSON: ${(error as Error).message}`)
  }
}

/** A reader of lines that are ActivityEvents (they have an `actor` or a `time`) or Segment calls, each line told apart for itself. */
export function jsonRowReader({ from, asRecorded, actorType }: RowSetting): JsonRowReader {
  const timing = (call: Bag): Timing | Fault => callTiming(call, asRecorded)
  return (text, line, id) => {
    const value = parse(text)
    if (value instanceof Fault) return value
    const setting = { newId: () => id, asRecorded, actorType, timing }
    const isEvent = Object.hasOwn(value, 'actor') || Object.hasOwn(value, 'time')
    const row = isEvent ? decodeEvent(value, line, setting) : decodeCall(value, line, setting)
    return !(row instanceof Fault) && row.time < from ? 'from' : row
  }
}
