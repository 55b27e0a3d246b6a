import { VISITOR } from '#contracts'
import { EVENT_NAME_MAX, idDefect, jsonBytesAtMost, valueRefusal } from '../rows/bounds.ts'
import { invalidAt, invalidEvent, Refusal } from '../rows/refusal.ts'
import { type CallType, callTypes, isJsonObject, type JsonObject, type SourceRow } from '../rows/source-row.ts'
import type { Timing } from '../times/arrival.ts'

/** The facts about a call that are not in the call itself. */
export interface CallSetting {
  /** Makes an id for a call without a messageId. */
  readonly newId: () => string
  /** The type of actors whose calls name a user. */
  readonly actorType: string
  /** Whether the id of the call is that of a visitor, though it stands where ids of users do. */
  readonly isAnonymous?: boolean
  /** The context of the batch, which applies to each of its calls. The context of the call itself has priority. */
  readonly context?: JsonObject | undefined
  /** The reason why the calls cannot use the context of the batch. */
  readonly contextRefusal?: Refusal | undefined
  /** The names of these fields in the dialect, for messages. */
  readonly names?: { readonly userId: string; readonly messageId: string; readonly event: string }
  /** Determines the time and the arrival, which files and HTTP do differently. */
  readonly timing: (call: JsonObject) => Timing | Refusal
}

/** Each call gets a copy of the context of its batch, so that a small batch could become very large. */
const SHARED_BYTES_MAX = 4 * 1024 * 1024

/** The context that the calls of a batch share, and its defect, which the check of a single call does not find. */
export function sharedContext({ context, batch }: JsonObject): Pick<CallSetting, 'context' | 'contextRefusal'> {
  if (!isJsonObject(context)) return {}
  const refusal = valueRefusal({ context }) ?? copiesRefusal(context, Array.isArray(batch) ? batch.length : 1)
  return refusal === undefined ? { context } : { contextRefusal: refusal }
}

function copiesRefusal(context: JsonObject, calls: number): Refusal | undefined {
  if (jsonBytesAtMost(context) * calls <= SHARED_BYTES_MAX) return undefined
  const bytes = Buffer.byteLength(JSON.stringify(context)) * calls
  if (bytes <= SHARED_BYTES_MAX) return undefined
  const reason = `context: the batch's own takes ${bytes} bytes in its ${calls} calls, expected at most ${SHARED_BYTES_MAX}: send smaller batches`
  return new Refusal('RONDO_EVENT_TOO_LARGE', reason, 'context')
}

const fixedNames: Record<Exclude<CallType, 'track'>, string> = {
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  identify: 'Identified',
  group: 'Grouped',
  alias: 'Aliased',
}

/** The fields beside the properties in calls of these types that become properties of the event. */
const besideProperties: Record<CallType, readonly string[]> = {
  track: [],
  page: ['name', 'category'],
  screen: ['name', 'category'],
  identify: [],
  group: ['groupId'],
  alias: ['previousId'],
}

/** For missing values SDKs send null, and some SDKs an empty text. */
export const isMissing = (value: unknown): value is null | undefined | '' => value === undefined || value === null || value === ''

/** An id as text; SDKs of untyped languages send numbers. Undefined if it is missing. */
function readId(call: JsonObject, key: string, name = key): string | undefined | Refusal {
  const value = call[key]
  if (isMissing(value)) return undefined
  // readJson gives whole numbers beyond 2^53 as text.
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return invalidAt(name, `expected a string or a whole number, found ${value}`)
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return invalidAt(name, `expected a string or a number`)
  const defect = idDefect(text)
  return defect === undefined ? text : invalidAt(name, defect)
}

function readName(call: JsonObject, type: CallType, name = 'event'): string | Refusal {
  if (type !== 'track') return fixedNames[type]
  const { event } = call
  if (typeof event === 'string' && event !== '' && event.length <= EVENT_NAME_MAX) return event
  return invalidAt(name, `expected a name of 1 to ${EVENT_NAME_MAX} characters`)
}

function readObject(call: JsonObject, key: string): JsonObject | undefined | Refusal {
  const value = call[key]
  if (value === undefined || value === null) return undefined
  return isJsonObject(value) ? value : invalidAt(key, `expected an object`)
}

function readProperties(call: JsonObject, type: CallType): JsonObject | undefined | Refusal {
  const properties = readObject(call, 'properties')
  if (properties instanceof Refusal) return properties
  let all = properties
  for (const key of besideProperties[type]) {
    if (isMissing(call[key]) || (all !== undefined && Object.hasOwn(all, key))) continue
    all = { ...all, [key]: call[key] }
  }
  return all
}

function readContext(call: JsonObject, { context: shared, contextRefusal }: CallSetting): JsonObject | undefined | Refusal {
  const own = readObject(call, 'context')
  if (own instanceof Refusal) return own
  if (contextRefusal !== undefined) return contextRefusal
  return own === undefined || shared === undefined ? (own ?? shared) : { ...shared, ...own }
}

/** Some SDKs put the traits of an identify into its context only. */
function readTraits(call: JsonObject, type: CallType, context: JsonObject | undefined): JsonObject | undefined | Refusal {
  const traits = readObject(call, 'traits')
  return traits === undefined && type === 'identify' && context !== undefined && isJsonObject(context.traits) ? context.traits : traits
}

/** The maps of a call that become those of the event. */
type RowObjects = Pick<SourceRow, 'properties' | 'context' | 'traits'>

function readObjects(call: JsonObject, type: CallType, setting: CallSetting): RowObjects | Refusal {
  const properties = readProperties(call, type)
  if (properties instanceof Refusal) return properties
  const context = readContext(call, setting)
  if (context instanceof Refusal) return context
  const traits = readTraits(call, type, context)
  return traits instanceof Refusal ? traits : { properties, traits, context }
}

const segmentNames = { userId: 'userId', messageId: 'messageId', event: 'event' }

/** Calls that say which visitor has become which user. */
const joiningTypes: ReadonlySet<CallType> = new Set(['identify', 'alias'])

/** Who sent a call: a user, or a visitor if it names none. */
function readSender(call: JsonObject, type: CallType, setting: CallSetting): Pick<SourceRow, 'actorType' | 'actorId' | 'anonymousId'> | Refusal {
  const userId = readId(call, 'userId', (setting.names ?? segmentNames).userId)
  const actorId = userId ?? readId(call, 'anonymousId') ?? invalidEvent('expected a userId or an anonymousId')
  if (actorId instanceof Refusal) return actorId
  if (userId === undefined || setting.isAnonymous === true) return { actorType: VISITOR, actorId }
  // A call that names a user is not of a visitor, also in a cycle of visitors.
  const actorType = setting.actorType === VISITOR ? 'user' : setting.actorType
  const anonymousId = joiningTypes.has(type) ? readId(call, 'anonymousId') : undefined
  // One that is no id does not matter, since the call has a user.
  return { actorType, actorId, anonymousId: anonymousId instanceof Refusal ? undefined : anonymousId }
}

function decode(call: JsonObject, type: CallType, line: number, setting: CallSetting): SourceRow | Refusal {
  const names = setting.names ?? segmentNames
  const event = readName(call, type, names.event)
  if (event instanceof Refusal) return event
  const sender = readSender(call, type, setting)
  if (sender instanceof Refusal) return sender
  const id = readId(call, 'messageId', names.messageId) ?? setting.newId()
  if (id instanceof Refusal) return id
  const objects = readObjects(call, type, setting)
  if (objects instanceof Refusal) return objects
  const timing = setting.timing(call)
  if (timing instanceof Refusal) return timing
  const { properties, traits, context } = objects
  const { time, arrival, claimedTime } = timing
  return { line, time, arrival, id, event, type, ...sender, properties, traits, context, claimedTime }
}

const typeByName = new Map<unknown, CallType>(callTypes.map((type) => [type, type]))

/**
 * Reads one call of the Segment specification as an event. A track call keeps its name; the others become "Page Viewed", "Screen Viewed",
 * "Identified", "Grouped" and "Aliased". Their fields name, groupId and previousId become properties.
 * @param type the type that the path of the request names; it has priority over the type in the call.
 */
export function decodeCall(value: unknown, line: number, setting: CallSetting, type?: CallType): SourceRow | Refusal {
  if (!isJsonObject(value)) return invalidEvent('expected an object')
  const callType = type ?? typeByName.get(value.type)
  if (callType === undefined) return invalidAt('type', `expected one of ${callTypes.join(', ')}`)
  return valueRefusal(value) ?? decode(value, callType, line, setting)
}
