import { type ActivityEvent, formatInstant, type Instant, RondoError } from '#contracts'
import { cutRaw, Refusal, type RefusedCall } from '../rows/refusal.ts'
import { type CallType, isJsonObject, type JsonObject, type SourceRow, toActivityEvent } from '../rows/source-row.ts'
import type { Timing } from '../times/arrival.ts'
import { noTime } from '../times/no-time.ts'
import { correctedTiming, readSentAt } from '../times/sent-at.ts'
import { readTimeValue } from '../times/times.ts'
import { type CallSetting, decodeCall, isMissing, sharedContext } from './segment-call.ts'

/** What a request of an SDK says: the events in its order, and what was refused, by its place. */
export interface ReadCalls {
  readonly events: ActivityEvent[]
  readonly refused: RefusedCall[]
}

/** The letters that SDKs put into paths for a call. */
const typeByPath: ReadonlyMap<string, CallType> = new Map([
  ['track', 'track'],
  ['t', 'track'],
  ['page', 'page'],
  ['p', 'page'],
  ['screen', 'screen'],
  ['s', 'screen'],
  ['identify', 'identify'],
  ['i', 'identify'],
  ['group', 'group'],
  ['g', 'group'],
  ['alias', 'alias'],
  ['a', 'alias'],
])

/** The call that the last part of a path names, `track` or `t`; undefined where it names none. */
export function segmentCallType(name: string): CallType | undefined {
  return typeByPath.get(name)
}

/**
 * When a call happened: its timestamp, else its originalTimestamp, both corrected by what the sender's clock was off when it sent
 * them (arrival − sentAt, as Segment does); else when it was sent or arrived, which is then the arrival. A sentAt that is no time
 * counts as missing: it corrects, it is not what happened.
 */
function timingOf(call: JsonObject, batchSentAt: Instant | undefined, arrival: Instant): Timing | Refusal {
  const key = isMissing(call.timestamp) ? 'originalTimestamp' : 'timestamp'
  const claim = call[key]
  if (isMissing(claim)) return { time: arrival, arrival, claimedTime: undefined }
  const claimed = readTimeValue(claim)
  if (claimed === undefined) return noTime(key, claim)
  const sentAt = readSentAt(call.sentAt) ?? batchSentAt
  return correctedTiming(claimed, sentAt, arrival)
}

/** Decodes each call of a request; those that are refused are named by their place and kept as they came. */
export function readCalls(calls: readonly unknown[], arrival: Instant, decodeOne: (call: unknown, line: number) => SourceRow | Refusal): ReadCalls {
  const events: ActivityEvent[] = []
  const refused: RefusedCall[] = []
  const receivedAt = formatInstant(arrival)
  for (const [index, call] of calls.entries()) {
    const row = decodeOne(call, index + 1)
    if (row instanceof Refusal) refused.push({ index, code: row.code, reason: row.reason, path: row.path, raw: rawOf(call) })
    else events.push(toActivityEvent(row, receivedAt))
  }
  return { events, refused }
}

/** JSON.stringify descends on the stack, and refused calls are where the deep ones are. */
function rawOf(call: unknown): string {
  try {
    return cutRaw(JSON.stringify(call) ?? '')
  } catch {
    return '(nested too deep to be written)'
  }
}

/**
 * The body of a batch, `{batch: [...], sentAt?}`, as events. Calls that are refused do not keep the others out.
 * @param arrival when the request arrived.
 * @param newId makes an id for a call that has no messageId.
 * @throws RondoError RONDO_BODY_INVALID where the body is no batch at all.
 */
export function readSegmentBatch(body: unknown, arrival: Instant, newId: () => string): ReadCalls {
  if (!isJsonObject(body) || !Array.isArray(body.batch)) {
    throw new RondoError('RONDO_BODY_INVALID', 'The body is not a batch: expected a JSON object with a list `batch`.')
  }
  const sentAt = readSentAt(body.sentAt)
  const timing = (call: JsonObject): Timing | Refusal => timingOf(call, sentAt, arrival)
  const setting: CallSetting = { newId, actorType: 'user', ...sharedContext(body), timing }
  return readCalls(body.batch, arrival, (call, line) => decodeCall(call, line, setting))
}

/** The body of a request for one call, whose type the path says; the same promises as {@link readSegmentBatch}. */
export function readSegmentCall(type: CallType, body: unknown, arrival: Instant, newId: () => string): ReadCalls {
  if (!isJsonObject(body)) throw new RondoError('RONDO_BODY_INVALID', `The body is not a ${type} call: expected a JSON object.`)
  const setting: CallSetting = { newId, actorType: 'user', timing: (call) => timingOf(call, undefined, arrival) }
  return readCalls([body], arrival, (call, line) => decodeCall(call, line, setting, type))
}

/** The key in the body of a request: `writeKey`. */
export const segmentKeyOf = (body: unknown): unknown => (isJsonObject(body) ? body.writeKey : undefined)
