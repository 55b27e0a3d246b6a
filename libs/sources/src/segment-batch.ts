import { type ActivityEvent, formatInstant, type Instant, isZeroTime, RondoError } from '#contracts'
import { limitToArrival, type Timing } from './arrival.ts'
import { noTime } from './no-time.ts'
import { cutRaw, invalidEvent, Refusal, type RefusedCall } from './refusal.ts'
import { type CallSetting, decodeCall, isMissing, sharedContext } from './segment-call.ts'
import { type Bag, type CallType, isBag, toActivityEvent } from './source-row.ts'
import { readTimeValue } from './times.ts'

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
function timingOf(call: Bag, batchSentAt: Instant | undefined, arrival: Instant): Timing | Refusal {
  const key = isMissing(call.timestamp) ? 'originalTimestamp' : 'timestamp'
  const claim = call[key]
  if (isMissing(claim)) return { time: arrival, arrival, claimedTime: undefined }
  const claimed = readTimeValue(claim)
  if (claimed === undefined) return invalidEvent(noTime(key, claim))
  const sentAt = readSentAt(call.sentAt) ?? batchSentAt
  return limitToArrival(sentAt === undefined ? claimed : claimed + arrival - sentAt, arrival, claimed)
}

function readSentAt(value: unknown): Instant | undefined {
  const at = readTimeValue(value)
  return at === undefined || isZeroTime(at) ? undefined : at
}

function readCalls(calls: readonly unknown[], setting: CallSetting, arrival: Instant, type?: CallType): ReadCalls {
  const events: ActivityEvent[] = []
  const refused: RefusedCall[] = []
  const receivedAt = formatInstant(arrival)
  for (const [index, call] of calls.entries()) {
    const row = decodeCall(call, index + 1, setting, type)
    if (row instanceof Refusal) refused.push({ index, code: row.code, reason: row.reason, raw: rawOf(call) })
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
  if (!isBag(body) || !Array.isArray(body.batch)) {
    throw new RondoError('RONDO_BODY_INVALID', 'The body is not a batch: expected a JSON object with a list `batch`.')
  }
  const sentAt = readSentAt(body.sentAt)
  const timing = (call: Bag): Timing | Refusal => timingOf(call, sentAt, arrival)
  return readCalls(body.batch, { newId, actorType: 'user', ...sharedContext(body), timing }, arrival)
}

/** The body of a request for one call, whose type the path says; the same promises as {@link readSegmentBatch}. */
export function readSegmentCall(type: CallType, body: unknown, arrival: Instant, newId: () => string): ReadCalls {
  if (!isBag(body)) throw new RondoError('RONDO_BODY_INVALID', `The body is not a ${type} call: expected a JSON object.`)
  return readCalls([body], { newId, actorType: 'user', timing: (call) => timingOf(call, undefined, arrival) }, arrival, type)
}
