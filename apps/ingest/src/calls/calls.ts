import type { IncomingHttpHeaders } from 'node:http'
import type { Gate } from '#access'
import { type Instant, type Key, type QuarantineRecord, RondoError } from '#contracts'
import { randomId } from '#runtime'
import {
  binaryCloudEvent,
  type CallType,
  cloudEventsMode,
  type EventCheck,
  type ReadCalls,
  readCloudEvents,
  readPosthogCaptures,
  readSegmentBatch,
  readSegmentCall,
  sharedByBatch,
} from '#sources'
import { jsonBody, textBody } from '../../../nest/src/http/json-body.ts'
import type { Admission } from '../admission/admission.ts'
import { captureBody } from '../bodies/capture-body.ts'
import type { CallsAnswer } from './call-bodies.ts'
import { type CallRequest, quarantined } from './refused-call.ts'

/** What can refuse events beside the readers of calls. */
export interface CallsOptions {
  /** How much a key may send. */
  readonly rates?: Pick<Gate, 'countEvents'> | undefined
  /** Refuses events that were read. */
  readonly check?: EventCheck | undefined
}

/** Requests of clients, answered when they are durable. */
export class Calls {
  readonly #admission: Pick<Admission, 'accept'>
  readonly #options: CallsOptions

  constructor(admission: Pick<Admission, 'accept'>, options: CallsOptions = {}) {
    this.#admission = admission
    this.#options = options
  }

  /** Accepts the good events of a batch and lists the others: a client that is refused for one bad event drops all of them. */
  batch(body: unknown, key?: Key): Promise<CallsAnswer> {
    const batch = jsonBody(body)
    return this.#accept({ path: '/v1/batch', key, form: 'segment', batch: sharedOf(batch) }, batch, (arrival) => readSegmentBatch(batch, arrival, randomId))
  }

  /**
   * One call of this type.
   * @throws RondoError with the code of its defect; the call is kept in quarantine
   */
  async one(type: CallType, body: unknown, key?: Key): Promise<CallsAnswer> {
    const call = jsonBody(body)
    return onlyOne(
      await this.#accept({ path: `/v1/${type}`, key, form: 'segment', call: type }, call, (arrival) => readSegmentCall(type, call, arrival, randomId)),
    )
  }

  /** Captures of a PostHog client: a batch, as {@link batch}, or one, as {@link one}. Its clients look for the status as well. */
  async captures(body: unknown, compression?: string, key?: Key): Promise<CallsAnswer & { readonly status: 1 }> {
    const captures = await captureBody(body, compression)
    const answer = await this.#accept({ path: '/capture', key, form: 'posthog', batch: sharedOf(captures) }, captures, (arrival) =>
      readPosthogCaptures(captures, arrival, randomId),
    )
    return { status: 1, ...(isBatch(captures) ? answer : onlyOne(answer)) }
  }

  /** CloudEvents in any of their three modes: a batch, as {@link batch}, or one, as {@link one}. */
  async cloudEvents(headers: IncomingHttpHeaders, body: unknown, key?: Key): Promise<CallsAnswer> {
    const mode = cloudEventsMode(headers['content-type'])
    const events = mode === 'binary' ? binaryCloudEvent(headers, dataOf(headers['content-type'], body)) : jsonBody(body)
    const answer = await this.#accept({ path: '/v1/cloudevents', key, form: 'cloudevents' }, events, (arrival) => readCloudEvents(events, mode, arrival))
    return mode === 'batch' ? answer : onlyOne(answer)
  }

  async #accept(request: CallRequest, body: unknown, read: (arrival: Instant) => ReadCalls): Promise<CallsAnswer> {
    const { key } = request
    // Rates may be counted elsewhere, so they are asked before the request has its arrival: between that and its write nothing may wait.
    const permit = async (): Promise<void> => await this.#options.rates?.countEvents(key, countOf(body))
    const { events, refused } = await this.#admission.accept((arrival) => {
      const { check } = this.#options
      const readable = read(arrival)
      const calls = check === undefined ? readable : readable.checked(check)
      if (key?.source !== undefined) for (const event of calls.events) event.source = key.source
      const { events, refused } = calls
      return { events, refused, quarantine: refused.map((call) => quarantined(request, call, arrival)) }
    }, permit)
    const rejected = refused.map(({ index, code, reason, path }) => ({ index, code, message: reason, ...(path === undefined ? {} : { path }) }))
    return { success: true, accepted: events.length, rejected }
  }
}

/** A request for one event that was refused is refused itself. */
function onlyOne(answer: CallsAnswer): CallsAnswer {
  const [refused] = answer.rejected
  if (refused !== undefined) throw new RondoError(refused.code as RondoError['code'], refused.message, { path: refused.path })
  return answer
}

/** How many calls a request makes. */
function countOf(body: unknown): number {
  const list = typeof body === 'object' && body !== null && 'batch' in body ? body.batch : body
  return Array.isArray(list) ? list.length : 1
}

const isBatch = (captures: unknown): boolean => Array.isArray(captures) || (typeof captures === 'object' && captures !== null && 'batch' in captures)

/** What the body says of all its calls; the captures of PostHog have the same in `sent_at`. */
const sharedOf = (body: unknown): QuarantineRecord['batch'] =>
  typeof body === 'object' && body !== null ? sharedByBatch({ sentAt: 'sent_at' in body ? body.sent_at : undefined, ...body }) : undefined

/** The data of a CloudEvent in binary mode: JSON if the content type names it or is missing; text; else the bytes. */
function dataOf(contentType: string | undefined, body: unknown): unknown {
  if (!(body instanceof Uint8Array) || body.length === 0) return undefined
  const type = (contentType ?? 'application/json').toLowerCase()
  if (/^[^;]*[/+]json\s*(;|$)/.test(type)) return jsonBody(body)
  return type.startsWith('text/') ? textBody(body) : body
}
