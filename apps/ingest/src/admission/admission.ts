import { type ActivityEvent, type Instant, type QuarantineRecord, RondoError } from '#contracts'
import { stopwatch } from '#runtime'
import type { Tracing } from '#tracing'
import { WriterLife, type WriterLifeOptions } from '../writer/writer-life.ts'
import type { IngestCounts } from './ingest-counts.ts'
import { type Admitted, admitted } from './ingest-log.ts'
import { overloaded } from './overloaded.ts'

/** The limit of waiting JSON in bytes; above it requests are refused. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** The time that a request waits for the log before its client gets 503. Most clients stop waiting after 10 s. */
const ANSWER_MS_MAX = 8_000
const EXPIRY_MS = 1_000

/** The content of a request, read at its arrival. */
export interface ReadRequest {
  readonly events: readonly ActivityEvent[]
  readonly quarantine: readonly QuarantineRecord[]
}

/** What admission counts, and its limits. */
export interface AdmissionOptions extends WriterLifeOptions {
  readonly counts: Pick<IngestCounts, 'taken' | 'turnedAway'>
  readonly waitingBytesMax?: number
  readonly answerMsMax?: number
  readonly tracing?: Pick<Tracing, 'accept'> | undefined
}

/** A request that waits for its answer. */
interface Pending {
  readonly arrival: Instant
  readonly reject: (error: RondoError) => void
}

/**
 * Decides which requests come into the log, and answers them. Each gets its arrival from the clock of the log. A request is
 * refused with 503 (its client sends it again) while the process starts or ends, while its writer may not write, and while too much waits.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #life: WriterLife
  readonly #pending = new Set<Pending>()
  #bytes = 0
  #expiry: NodeJS.Timeout | undefined

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#life = new WriterLife(options)
  }

  /** Opens the writer. @param before as in {@link WriterLife.start} @throws RondoError as {@link WriterLife.start} */
  async start(before?: () => Promise<void>): Promise<void> {
    await this.#life.start(before)
    // Not at each beat, because a beat also waits for a log that does not answer.
    this.#expiry = setInterval(() => this.expire(), EXPIRY_MS).unref()
  }

  /** @throws RondoError with the reason, if no request is accepted now */
  check(): void {
    this.#life.check()
    if (this.#bytes >= (this.#options.waitingBytesMax ?? WAITING_BYTES_MAX)) throw overloaded('More events wait to be written than may')
  }

  /**
   * Accepts a request. `read` is called with its arrival.
   * @param permit called first; it rejects if the request may not come now
   * @returns the result of `read`, when it is durable
   * @throws RondoError RONDO_OVERLOADED (retriable), RONDO_CLOCK_OFF, RONDO_LOG_UNAVAILABLE, and the errors of `permit` and of the log
   */
  async accept<Read extends ReadRequest>(read: (arrival: Instant) => Read, permit?: () => Promise<void>): Promise<Read> {
    const { counts, log, tracing } = this.#options
    const span = tracing?.accept()
    try {
      if (permit !== undefined) await permit()
      this.check()
      const arrival = log.clock.now()
      const request = read(arrival)
      const elapsed = stopwatch()
      await this.#append(admitted(request.events, request.quarantine, arrival, span?.write(request)))
      span?.end()
      counts.taken(request, elapsed())
      return request
    } catch (error) {
      span?.end(error)
      counts.turnedAway(error instanceof RondoError ? error.code : 'RONDO_INTERNAL')
      throw error
    }
  }

  /** The size of the JSON that waits to be written, in bytes. */
  get waitingBytes(): number {
    return this.#bytes
  }

  /** As {@link WriterLife.limitCatchUp}. */
  limitCatchUp(ms: number): void {
    this.#life.limitCatchUp(ms)
  }

  /** As {@link WriterLife.isCatchingUp}. */
  get isCatchingUp(): boolean {
    return this.#life.isCatchingUp
  }

  /** One beat of the writer. */
  async beat(): Promise<void> {
    await this.#life.beat()
  }

  /** Answers requests that have waited too long. */
  expire(): void {
    const since = this.#options.log.clock.now() - (this.#options.answerMsMax ?? ANSWER_MS_MAX)
    const overdue = [...this.#pending].filter(({ arrival }) => arrival < since)
    for (const { reject } of overdue) reject(unanswered())
    if (overdue.length > 0) this.#options.onAlarm(`The log does not answer; answered with 503: ${overdue.length} requests.`)
  }

  /** Accepts nothing more, writes the requests that wait, and closes the writer. */
  async close(): Promise<void> {
    await this.#life.close()
    clearInterval(this.#expiry)
  }

  #append(request: Admitted): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const pending = { arrival: request.arrival, reject }
    const bytes = request.lines.reduce((sum, line) => sum + line.length, 0) + request.quarantine.reduce((sum, { raw }) => sum + raw.length, 0)
    this.#bytes += bytes
    this.#pending.add(pending)
    const end = (): void => {
      this.#bytes -= bytes
      this.#pending.delete(pending)
    }
    this.#options.log.append(request).then(
      () => {
        end()
        resolve()
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
    return promise
  }
}

function unanswered(): RondoError {
  const message = 'The log does not answer, and whether it has this request is not known. Send it again under the same ids.'
  return new RondoError('RONDO_LOG_UNAVAILABLE', message, { retriable: true })
}
