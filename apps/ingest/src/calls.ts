import { formatInstant, type Instant, type QuarantineRecord, RondoError } from '#contracts'
import { randomId } from '#runtime'
import { type ReadCalls, readSegmentBatch, readSegmentCall, segmentCallType } from '#sources'
import type { Admission } from './admission.ts'
import { jsonBody } from './json-body.ts'

/** The answer to a client: what was accepted, and what was not. */
export interface CallsAnswer {
  readonly success: boolean
  readonly accepted: number
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly message: string }[]
}

/** Requests of SDKs, answered when they are durable. */
export class Calls {
  readonly #admission: Pick<Admission, 'accept'>

  constructor(admission: Pick<Admission, 'accept'>) {
    this.#admission = admission
  }

  /** The good events of a batch are taken, and the bad named: a client that is refused for one bad event drops them all. */
  batch(body: unknown): Promise<CallsAnswer> {
    const batch = jsonBody(body)
    return this.#accept('/v1/batch', (arrival) => readSegmentBatch(batch, arrival, randomId))
  }

  /**
   * One call, whose type the path names.
   * @throws RondoError with the code of what is wrong with it; it is kept in quarantine
   */
  async one(name: string, body: unknown): Promise<CallsAnswer> {
    const type = segmentCallType(name)
    if (type === undefined) throw new RondoError('RONDO_NOT_FOUND', `There is no path /v1/${name}.`)
    const call = jsonBody(body)
    const answer = await this.#accept(`/v1/${type}`, (arrival) => readSegmentCall(type, call, arrival, randomId))
    const [refused] = answer.rejected
    if (refused !== undefined) throw new RondoError(refused.code as RondoError['code'], refused.message)
    return answer
  }

  async #accept(path: string, read: (arrival: Instant) => ReadCalls): Promise<CallsAnswer> {
    const { events, refused } = await this.#admission.accept((arrival) => {
      const calls = read(arrival)
      return { ...calls, quarantine: calls.refused.map((call) => quarantined(path, call, arrival)) }
    })
    const rejected = refused.map(({ index, code, reason }) => ({ index, code, message: reason }))
    return { success: true, accepted: events.length, rejected }
  }
}

function quarantined(path: string, { index, code, reason, raw }: ReadCalls['refused'][number], arrival: Instant): QuarantineRecord {
  return { code, reason, where: `POST ${path}, index ${index}`, refusedAt: formatInstant(arrival), raw }
}
