import type { Timing } from './arrival.ts'
import { EVENT_NAME_MAX, idDefect, valueRefusal } from './bounds.ts'
import { invalidEvent, Refusal } from './refusal.ts'
import { type Bag, type CallType, callTypes, isBag, type SourceRow } from './source-row.ts'

/** What a call cannot say of itself. */
export interface CallSetting {
  /** For a call without a messageId. */
  readonly newId: () => string
  readonly actorType: string
  /** The context of the batch, for calls that have none of their own. */
  readonly context?: Bag | undefined
  /** Why no call may take that context. */
  readonly contextRefusal?: Refusal | undefined
  /** When it happened and when it arrived, which files and HTTP know differently. */
  readonly timing: (call: Bag) => Timing | Refusal
}

/** The context that the calls of a batch share, and what is wrong with it: a call that is checked alone does not show that. */
export function sharedContext(batch: Bag): Pick<CallSetting, 'context' | 'contextRefusal'> {
  if (!isBag(batch.context)) return {}
  const refusal = valueRefusal({ context: batch.context })
  return refusal === undefined ? { context: batch.context } : { contextRefusal: refusal }
}

const fixedNames: Record<Exclude<CallType, 'track'>, string> = {
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  identify: 'Identified',
  group: 'Grouped',
  alias: 'Aliased',
}

/** What stands beside the properties in these calls, and has no other place in an event. */
const besideProperties: Record<CallType, readonly string[]> = {
  track: [],
  page: ['name', 'category'],
  screen: ['name', 'category'],
  identify: [],
  group: ['groupId'],
  alias: ['previousId'],
}

/** SDKs send null, and some an empty text, for what is missing. */
export const isMissing = (value: unknown): value is null | undefined | '' => value === undefined || value === null || value === ''

/** An id as text; SDKs of untyped languages send numbers. Undefined where it is missing. */
function readId(call: Bag, key: string): string | undefined | Refusal {
  const value = call[key]
  if (isMissing(value)) return undefined
  // Whole numbers beyond 2^53 come as their text (readJson).
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return invalidEvent(`${key}: expected a string or a whole number, found ${value}`)
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string') return invalidEvent(`${key}: expected a string or a number`)
  const defect = idDefect(text)
  return defect === undefined ? text : invalidEvent(`${key}: ${defect}`)
}

function readName(call: Bag, type: CallType): string | Refusal {
  if (type !== 'track') return fixedNames[type]
  const { event } = call
  if (typeof event === 'string' && event !== '' && event.length <= EVENT_NAME_MAX) return event
  return invalidEvent(`event: expected a name of 1 to ${EVENT_NAME_MAX} characters`)
}

function readBag(call: Bag, key: string): Bag | undefined | Refusal {
  const value = call[key]
  if (value === undefined || value === null) return undefined
  return isBag(value) ? value : invalidEvent(`${key}: expected an object`)
}

function readProperties(call: Bag, type: CallType): Bag | undefined | Refusal {
  const properties = readBag(call, 'properties')
  if (properties instanceof Refusal) return properties
  let all = properties
  for (const key of besideProperties[type]) {
    if (isMissing(call[key]) || (all !== undefined && Object.hasOwn(all, key))) continue
    all = { ...all, [key]: call[key] }
  }
  return all
}

/** Some SDKs put the traits of an identify into its context only. */
function readTraits(call: Bag, type: CallType, context: Bag | undefined): Bag | undefined | Refusal {
  const traits = readBag(call, 'traits')
  return traits === undefined && type === 'identify' && context !== undefined && isBag(context.traits) ? context.traits : traits
}

type Bags = Pick<SourceRow, 'properties' | 'context' | 'traits'>

function readBags(call: Bag, type: CallType, setting: CallSetting): Bags | Refusal {
  const properties = readProperties(call, type)
  if (properties instanceof Refusal) return properties
  const context = readBag(call, 'context') ?? setting.contextRefusal ?? setting.context
  if (context instanceof Refusal) return context
  const traits = readTraits(call, type, context)
  return traits instanceof Refusal ? traits : { properties, traits, context }
}

function decode(call: Bag, type: CallType, line: number, setting: CallSetting): SourceRow | Refusal {
  const event = readName(call, type)
  if (event instanceof Refusal) return event
  const actorId = readId(call, 'userId') ?? readId(call, 'anonymousId') ?? invalidEvent('expected a userId or an anonymousId')
  if (actorId instanceof Refusal) return actorId
  const id = readId(call, 'messageId') ?? setting.newId()
  if (id instanceof Refusal) return id
  const bags = readBags(call, type, setting)
  if (bags instanceof Refusal) return bags
  const timing = setting.timing(call)
  if (timing instanceof Refusal) return timing
  const { properties, traits, context } = bags
  const { time, arrival, claimedTime } = timing
  return { line, time, arrival, id, event, type, actorType: setting.actorType, actorId, properties, traits, context, claimedTime }
}

const typeByName = new Map<unknown, CallType>(callTypes.map((type) => [type, type]))

/**
 * One call of the Segment specification as an event: track keeps its name, the others become "Page Viewed", "Screen Viewed",
 * "Identified", "Grouped" and "Aliased"; what stands beside their properties (name, groupId, previousId) goes into these.
 * @param type where the path of the request says it; it then outranks what the call says.
 */
export function decodeCall(value: unknown, line: number, setting: CallSetting, type?: CallType): SourceRow | Refusal {
  if (!isBag(value)) return invalidEvent('expected an object')
  const callType = type ?? typeByName.get(value.type)
  if (callType === undefined) return invalidEvent(`type: expected one of ${callTypes.join(', ')}`)
  return valueRefusal(value) ?? decode(value, callType, line, setting)
}
