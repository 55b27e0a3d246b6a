import { createHash } from 'node:crypto'
import { ID_BYTES_MAX, type Instant, RondoError } from '#contracts'
import { invalidAt, invalidEvent, Refusal } from '../rows/refusal.ts'
import { isJsonObject, type JsonObject, type SourceRow } from '../rows/source-row.ts'
import { limitToArrival, type Timing, timingAt } from '../times/arrival.ts'
import { noTime } from '../times/no-time.ts'
import { readTimeValue } from '../times/times.ts'
import { type ReadCalls, readCalls } from './read-calls.ts'
import { decodeCall, isMissing } from './segment-call.ts'

/** The content modes of CloudEvents 1.0 over HTTP. */
export type CloudEventsMode = 'binary' | 'structured' | 'batch'

const BATCH_TYPE = /^application\/cloudevents-batch(\+json)?\s*(;|$)/i
const STRUCTURED_TYPE = /^application\/cloudevents(\+json)?\s*(;|$)/i

/** How a request carries CloudEvents, by its content type. */
export function cloudEventsMode(contentType: string | undefined): CloudEventsMode {
  if (BATCH_TYPE.test(contentType ?? '')) return 'batch'
  return STRUCTURED_TYPE.test(contentType ?? '') ? 'structured' : 'binary'
}

/** Attributes that become fields of the event. All other attributes become its context. */
const placed = new Set(['specversion', 'id', 'type', 'subject', 'time', 'data', 'data_base64', 'datacontenttype'])
const names = { userId: 'subject', messageId: 'source and id', event: 'type' }
const EXTENSION_NAME = /^[a-z0-9]{1,64}$/

/**
 * The attributes of a CloudEvent in binary mode: the headers whose names begin with `ce-`. Their values are percent-encoded, and
 * may be in double quotes.
 * @param data the body; bytes if it is not text
 * @throws RondoError RONDO_BODY_INVALID if a value cannot be decoded
 */
export function binaryCloudEvent(headers: Readonly<Record<string, string | string[] | undefined>>, data: unknown): JsonObject {
  const event: JsonObject = data === undefined ? {} : data instanceof Uint8Array ? { data_base64: Buffer.from(data).toString('base64') } : { data }
  for (const [name, value] of Object.entries(headers)) {
    const attribute = name.startsWith('ce-') ? name.slice(3) : ''
    if (EXTENSION_NAME.test(attribute) && attribute !== 'data' && typeof value === 'string') event[attribute] = decodeHeader(name, value)
  }
  return event
}

const QUOTED = /^"(?<inner>(?:[^"\\]|\\.)*)"$/

function decodeHeader(name: string, value: string): string {
  const inner = QUOTED.exec(value)?.groups?.inner?.replaceAll(/\\(.)/g, '$1')
  try {
    return decodeURIComponent(inner ?? value)
  } catch (cause) {
    throw new RondoError('RONDO_BODY_INVALID', `The header ${name} cannot be decoded: expected percent-encoded UTF-8.`, { cause })
  }
}

function requiredText(event: JsonObject, attribute: string): string | Refusal {
  const value = event[attribute]
  return typeof value === 'string' && value !== '' ? value : invalidAt(attribute, `expected a text that is not empty`)
}

function timingOf({ time }: JsonObject, arrival: Instant): Timing | Refusal {
  if (isMissing(time)) return { time: arrival, arrival, claimedTime: undefined }
  const claimed = typeof time === 'string' ? readTimeValue(time) : undefined
  return claimed === undefined ? noTime('time', time) : timingAt('time', limitToArrival(claimed, arrival, claimed))
}

/** Data that is an object becomes the properties of the event; other data is the property `data`. */
function propertiesOf({ data, data_base64: base64 }: JsonObject): JsonObject | undefined {
  if (base64 !== undefined) return { data_base64: base64 }
  if (isMissing(data)) return undefined
  return isJsonObject(data) ? data : { data }
}

/** Source and id together identify copies. If the source leaves no room for the id, such as a long URL, its hash is used. */
function messageIdOf(source: string, id: string): string {
  const whole = `${source}#${id}`
  return Buffer.byteLength(whole) <= ID_BYTES_MAX ? whole : `${createHash('sha256').update(source).digest('base64url')}#${id}`
}

function decode(event: JsonObject, line: number, arrival: Instant): SourceRow | Refusal {
  if (event.specversion !== '1.0') return invalidAt('specversion', `expected 1.0, found ${JSON.stringify(event.specversion) ?? 'nothing'}`)
  const [id, source, type, subject] = [requiredText(event, 'id'), requiredText(event, 'source'), requiredText(event, 'type'), requiredText(event, 'subject')]
  for (const text of [id, source, type]) if (text instanceof Refusal) return text
  if (subject instanceof Refusal) return invalidAt('subject', 'expected the id of the actor')
  const context = Object.fromEntries(Object.entries(event).filter(([name]) => !placed.has(name)))
  const call = {
    event: type,
    userId: subject,
    messageId: messageIdOf(source as string, id as string),
    properties: propertiesOf(event),
    context: { cloudEvent: context },
  }
  const setting = { newId: () => '', actorType: 'user', names, timing: () => timingOf(event, arrival) }
  return decodeCall(call, line, setting, 'track')
}

/**
 * Reads CloudEvents 1.0 as events: `type` is the event's name, `subject` its actor, `data` its properties. `source` and `id` together
 * identify copies, as the specification demands. A refused CloudEvent of a batch does not prevent the others.
 * @param events a list of CloudEvents in batch mode, otherwise one CloudEvent
 * @throws RondoError RONDO_BODY_INVALID if a batch is not a list
 */
export function readCloudEvents(events: unknown, mode: CloudEventsMode, arrival: Instant): ReadCalls {
  if (mode === 'batch' && !Array.isArray(events)) throw new RondoError('RONDO_BODY_INVALID', 'The body is not a batch of CloudEvents: expected a JSON list.')
  const list = mode === 'batch' ? (events as readonly unknown[]) : [events]
  return readCalls(list, arrival, (event, line) => (isJsonObject(event) ? decode(event, line, arrival) : invalidEvent('expected an object')))
}
