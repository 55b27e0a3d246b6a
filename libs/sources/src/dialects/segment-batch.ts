import { type Instant, type QuarantineRecord, RondoError } from '#contracts'
import { valueRefusal } from '../rows/bounds.ts'
import type { Refusal } from '../rows/refusal.ts'
import { type CallType, isJsonObject, type JsonObject } from '../rows/source-row.ts'
import { type Timing, timingAt } from '../times/arrival.ts'
import { noTime } from '../times/no-time.ts'
import { correctedTiming, readSentAt } from '../times/sent-at.ts'
import { readTimeValue } from '../times/times.ts'
import { type ReadCalls, readCalls } from './read-calls.ts'
import { type CallSetting, decodeCall, isMissing, sharedContext } from './segment-call.ts'

/** The last parts of the paths of single calls, such as `track` or `t`, with the type that each names. */
export const segmentCallNames: ReadonlyMap<string, CallType> = new Map([
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

/**
 * The time when a call happened: its timestamp or else its originalTimestamp, corrected by the error of the sender's clock (arrival −
 * sentAt, as Segment does). Without both it is the arrival. A sentAt that is not a time counts as missing, because it is only used for
 * the correction.
 */
function timingOf(call: JsonObject, batchSentAt: Instant | undefined, arrival: Instant): Timing | Refusal {
  const key = isMissing(call.timestamp) ? 'originalTimestamp' : 'timestamp'
  const claim = call[key]
  if (isMissing(claim)) return { time: arrival, arrival, claimedTime: undefined }
  const claimed = readTimeValue(claim)
  if (claimed === undefined) return noTime(key, claim)
  const sentAt = readSentAt(call.sentAt) ?? batchSentAt
  return timingAt(key, correctedTiming(claimed, sentAt, arrival))
}

/**
 * What a batch says of all its calls, as it is kept with a refused one; undefined if it says nothing. A context that is larger than an event may be is left out:
 * its calls are refused with it.
 */
export function sharedByBatch({ sentAt, context }: JsonObject): QuarantineRecord['batch'] {
  const kept = { ...(isMissing(sentAt) ? {} : { sentAt }), ...(isJsonObject(context) && valueRefusal(context) === undefined ? { context } : {}) }
  return Object.keys(kept).length === 0 ? undefined : kept
}

/**
 * Reads the body of a batch, `{batch: [...], sentAt?}`, as events. A refused call does not prevent the others.
 * @param arrival when the request arrived.
 * @param newId makes an id for a call that has no messageId.
 * @throws RondoError RONDO_BODY_INVALID if the body is not a batch.
 */
export function readSegmentBatch(body: unknown, arrival: Instant, newId: () => string): ReadCalls {
  if (!isJsonObject(body) || !Array.isArray(body.batch)) {
    const found =
      isJsonObject(body) && ('event' in body || 'type' in body)
        ? ' One call goes to its own path, such as /v1/track; rows of a history go to PUT /v1/backfills/NAME.'
        : ''
    throw new RondoError('RONDO_BODY_INVALID', `The body is not a batch: expected a JSON object with a list \`batch\`.${found}`)
  }
  const sentAt = readSentAt(body.sentAt)
  const timing = (call: JsonObject): Timing | Refusal => timingOf(call, sentAt, arrival)
  const setting: CallSetting = { newId, actorType: 'user', ...sharedContext(body), timing }
  return readCalls(body.batch, arrival, (call, line) => decodeCall(call, line, setting))
}

/** Reads the body of a request with one call, whose type the path names, as {@link readSegmentBatch} does. */
export function readSegmentCall(type: CallType, body: unknown, arrival: Instant, newId: () => string): ReadCalls {
  if (!isJsonObject(body)) throw new RondoError('RONDO_BODY_INVALID', `The body is not a ${type} call: expected a JSON object.`)
  const setting: CallSetting = { newId, actorType: 'user', timing: (call) => timingOf(call, undefined, arrival) }
  return readCalls([body], arrival, (call, line) => decodeCall(call, line, setting, type))
}

/** The key in the body of a request: `writeKey`. */
export const segmentKeyOf = (body: unknown): unknown => (isJsonObject(body) ? body.writeKey : undefined)
