import { type Instant, RondoError } from '#contracts'
import { invalidAt, invalidEvent, Refusal } from '../rows/refusal.ts'
import { type CallType, isJsonObject, type JsonObject, type SourceRow } from '../rows/source-row.ts'
import { limitToArrival, type Timing, timingAt } from '../times/arrival.ts'
import { noTime } from '../times/no-time.ts'
import { correctedTiming, readSentAt } from '../times/sent-at.ts'
import { readTimeValue } from '../times/times.ts'
import { type ReadCalls, readCalls } from './read-calls.ts'
import { decodeCall, isMissing } from './segment-call.ts'

/** A capture as a call of the Segment specification, so that both dialects give the same events. */
interface Translated {
  readonly type: CallType
  readonly isAnonymous: boolean
  readonly call: JsonObject
}

const names = { userId: 'distinct_id', messageId: 'uuid', event: 'event' }

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {})

/** The actor. Clients write its id beside the properties or into them; posthog-js writes it as `$distinct_id`. */
function distinctId(capture: JsonObject, properties: JsonObject): unknown {
  return [capture.distinct_id, capture.$distinct_id, properties.distinct_id].find((id) => !isMissing(id))
}

/** The traits of a capture: `$set_once`, overwritten by `$set`. Both may be beside the properties or in them. */
function traitsOf(capture: JsonObject, properties: JsonObject): JsonObject | undefined {
  // Spread copies a key such as __proto__ as a key; Object.assign would set the prototype.
  const traits = { ...objectOf(properties.$set_once), ...objectOf(capture.$set_once), ...objectOf(properties.$set), ...objectOf(capture.$set) }
  return Object.keys(traits).length === 0 ? undefined : traits
}

const specialTypes: ReadonlyMap<unknown, CallType> = new Map([
  ['$pageview', 'page'],
  ['$screen', 'screen'],
  ['$identify', 'identify'],
  ['$set', 'identify'],
  ['$groupidentify', 'group'],
  ['$create_alias', 'alias'],
])

/** Properties that name the sender of the request; they are no properties of the event. */
const secretKeys = new Set(['token', 'api_key', 'distinct_id'])

function withoutSecrets(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !secretKeys.has(key)))
}

function translate(capture: JsonObject): Translated | Refusal {
  const { properties: given } = capture
  if (!isMissing(given) && !isJsonObject(given)) return invalidAt('properties', 'expected an object')
  const properties = objectOf(given)
  const actorId = distinctId(capture, properties)
  if (actorId === undefined) return invalidEvent('expected a distinct_id')
  const type = specialTypes.get(capture.event) ?? 'track'
  const call: JsonObject = {
    event: capture.event,
    userId: actorId,
    messageId: capture.uuid,
    properties: withoutSecrets(properties),
    traits: traitsOf(capture, properties),
  }
  if (type === 'alias') call.previousId = properties.alias
  if (type === 'identify') call.anonymousId = properties.$anon_distinct_id
  if (type === 'screen') call.name = properties.$screen_name
  if (type === 'group') Object.assign(call, { groupId: properties.$group_key, traits: objectOf(properties.$group_set) })
  return { type, call, isAnonymous: !joiningEvents.has(capture.event) && isAnonymous(actorId, properties) }
}

/** Captures that say which visitor has become which user. Their actor is the user. */
const joiningEvents: ReadonlySet<unknown> = new Set(['$identify', '$create_alias'])

/** Whether an id is that of a device, as clients have it until a user is identified. */
function isAnonymous(actorId: unknown, { $is_identified: isIdentified, $device_id: deviceId }: JsonObject): boolean {
  return typeof isIdentified === 'boolean' ? !isIdentified : actorId === deviceId
}

/** The time of a capture: its timestamp, corrected by the error of the sender's clock; or `offset` ms before its arrival. */
function timingOf(capture: JsonObject, batchSentAt: Instant | undefined, arrival: Instant): Timing | Refusal {
  const { timestamp, offset } = capture
  if (isMissing(timestamp)) {
    const agoMs = typeof offset === 'number' && offset > 0 ? offset : 0
    return timingAt('offset', limitToArrival(arrival - Math.round(agoMs), arrival, arrival))
  }
  const claimed = readTimeValue(timestamp)
  if (claimed === undefined) return noTime('timestamp', timestamp)
  const sentAt = readSentAt(capture.sent_at) ?? batchSentAt
  return timingAt('timestamp', correctedTiming(claimed, sentAt, arrival))
}

/** The captures of a body, which is a batch, a list of captures, or one capture. */
function capturesOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body
  if (!isJsonObject(body))
    throw new RondoError('RONDO_BODY_INVALID', 'The body has no captures: expected a JSON object with a list `batch`, a list, or one capture.')
  if (body.batch === undefined) return [body]
  if (Array.isArray(body.batch)) return body.batch
  throw new RondoError('RONDO_BODY_INVALID', 'The body is not a batch: expected a list `batch`.')
}

/**
 * Reads the body of a request of PostHog's capture API as events. A refused capture does not prevent the others. `$identify` and `$set`
 * become "Identified", `$pageview` "Page Viewed", `$screen` "Screen Viewed", `$groupidentify` "Grouped", `$create_alias` "Aliased"; all
 * others keep their names.
 * @param newId makes an id for a capture that has no uuid
 * @throws RondoError RONDO_BODY_INVALID if the body has no captures
 */
export function readPosthogCaptures(body: unknown, arrival: Instant, newId: () => string): ReadCalls {
  const captures = capturesOf(body)
  const sentAt = isJsonObject(body) ? readSentAt(body.sent_at) : undefined
  return readCalls(captures, arrival, (capture, line): SourceRow | Refusal => {
    if (!isJsonObject(capture)) return invalidEvent('expected an object')
    const translated = translate(capture)
    if (translated instanceof Refusal) return translated
    const timing = (): Timing | Refusal => timingOf(capture, sentAt, arrival)
    const { call, type, isAnonymous } = translated
    return decodeCall(call, line, { newId, actorType: 'user', isAnonymous, names, timing }, type)
  })
}

/** The key in the body of a request: `api_key`, or `token`, in it or in the properties of its first capture. */
export function posthogKeyOf(body: unknown): unknown {
  const first = Array.isArray(body) ? body[0] : body
  if (!isJsonObject(first)) return undefined
  return first.api_key ?? first.token ?? objectOf(first.properties).token
}
