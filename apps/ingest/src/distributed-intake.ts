import { type ActivityEvent, type Instant, RondoError } from '#contracts'
import { type LogWriter, PartitionedLines, type WriterRegistry } from '#event-log'
import { type Clock, monotonic } from '#runtime'
import { type Door, overloaded, type ReadRequest } from './door.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { WriterLife, type WriterLifeOptions } from './writer-life.ts'

/** How much may wait, in bytes of JSON, before requests are turned away. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** How long a request waits for the log before its sender is told to come again: most clients give up after 10 s. */
const HELD_MS_MAX = 8_000
const BEAT_MS = 1_000

export interface DistributedIntakeOptions {
  /** One for each partition of the log. */
  readonly queues: readonly PartitionQueue[]
  readonly refusals: LogWriter
  readonly registry: WriterRegistry
  readonly clock: Clock
  readonly name: string
  readonly catchUpMs?: number
  readonly silentMs?: number
  readonly otherTicks?: WriterLifeOptions['otherTicks']
  readonly folded?: WriterLifeOptions['folded']
  readonly waitingBytesMax?: number
  readonly heldMsMax?: number
  readonly beatMs?: number
  readonly onAlarm: (text: string) => void
}

interface Pending {
  readonly arrival: Instant
  readonly reject: (failure: RondoError) => void
}

/** The door of live events where the log has many partitions and other processes write it too. */
export class DistributedIntake implements Door {
  readonly #options: DistributedIntakeOptions
  readonly #clock: Clock
  readonly #queues: readonly PartitionQueue[]
  readonly #life: WriterLife
  readonly #pending = new Set<Pending>()
  #refusals = 0
  #bytes = 0
  #stage: 'new' | 'open' | 'closing' = 'new'
  #timer: NodeJS.Timeout | undefined
  #lookout: NodeJS.Timeout | undefined
  #beating: Promise<void> = Promise.resolve()

  constructor(options: DistributedIntakeOptions) {
    this.#options = options
    this.#clock = monotonic(() => options.clock.now())
    this.#queues = options.queues
    this.#life = new WriterLife({ ...options, clock: this.#clock })
  }

  /**
   * @param before done when the clock is known to be right, and before any time can pass
   * @throws RondoError RONDO_CLOCK_OFF, RONDO_LOG_UNAVAILABLE, and what `before` throws
   */
  async start(before?: () => Promise<void>): Promise<void> {
    await this.#life.start(before)
    this.#stage = 'open'
    this.#scheduleBeat()
    // Not with the beat, which itself waits for a log that does not answer.
    this.#lookout = setInterval(() => this.expire(), this.#options.beatMs ?? BEAT_MS).unref()
  }

  /** @throws RondoError where nothing is accepted now, with the reason */
  check(): void {
    if (this.#stage === 'new') throw overloaded('The server is starting')
    if (this.#stage === 'closing') throw overloaded('The server is shutting down')
    this.#life.check()
    if (this.#bytes >= (this.#options.waitingBytesMax ?? WAITING_BYTES_MAX)) throw overloaded('More events wait to be written than may')
  }

  async accept<Read extends ReadRequest>(read: (arrival: Instant) => Read): Promise<Read> {
    this.check()
    const arrival = this.#clock.now()
    const request = read(arrival)
    const parts = this.#parts(request.events)
    const refused = request.quarantine.map((record) => JSON.stringify(record))
    const bytes = [...parts.map(([, lines]) => lines), refused].flat().reduce((sum, line) => sum + line.length, 0)
    this.#bytes += bytes
    const writes = parts.map(([partition, lines]) => (this.#queues[partition] as PartitionQueue).put(lines, arrival))
    if (refused.length > 0) writes.push(this.#refuse(refused))
    const durable = Promise.all(writes).finally(() => {
      this.#bytes -= bytes
    })
    await this.#inTime(durable, arrival)
    return request
  }

  /** Writes what waits and closes the writer. */
  async close(): Promise<void> {
    const wasOpen = this.#stage === 'open'
    this.#stage = 'closing'
    clearTimeout(this.#timer)
    await this.#beating
    clearInterval(this.#lookout)
    if (wasOpen) await this.#life.close()
  }

  /** Answers those who have waited too long. */
  expire(): void {
    const since = this.#clock.now() - (this.#options.heldMsMax ?? HELD_MS_MAX)
    const overdue = [...this.#pending].filter(({ arrival }) => arrival < since)
    for (const { reject } of overdue) reject(unanswered())
    if (overdue.length > 0) this.#options.onAlarm(`The log does not answer; told to come again: ${overdue.length} requests.`)
  }

  /** One beat of the writer. */
  async beat(): Promise<void> {
    await this.#life.beat().catch(({ message }: RondoError) => this.#options.onAlarm(message))
  }

  #scheduleBeat(): void {
    const timer = setTimeout(() => {
      this.#beating = this.beat().then(() => {
        if (this.#stage === 'open') this.#scheduleBeat()
      })
    }, this.#options.beatMs ?? BEAT_MS)
    this.#timer = timer.unref()
  }

  #parts(events: readonly ActivityEvent[]): [partition: number, lines: string[]][] {
    const lines = new PartitionedLines(this.#queues.length)
    for (const event of events) lines.add(event.actor.id, JSON.stringify(event))
    return lines.take()
  }

  async #refuse(records: readonly string[]): Promise<void> {
    await this.#options.refusals.append(this.#refusals++ % this.#options.refusals.partitions, records)
  }

  async #inTime(durable: Promise<unknown>, arrival: Instant): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const pending = { arrival, reject }
    this.#pending.add(pending)
    durable.then(() => resolve(), reject).finally(() => this.#pending.delete(pending))
    await promise
  }
}

function unanswered(): RondoError {
  const message = 'The log does not answer, and whether it has this request is not known. Send it again under the same ids.'
  return new RondoError('RONDO_LOG_UNAVAILABLE', message, { retriable: true })
}
