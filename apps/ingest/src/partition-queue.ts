import { setTimeout as sleep } from 'node:timers/promises'
import { type Instant, RondoError } from '#contracts'
import { type LogWriter, packFrames } from '#event-log'

const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 1_000

export interface PartitionQueueOptions {
  readonly log: LogWriter
  readonly partition: number
  /** A write has failed and is tried again. */
  readonly onTrouble: (failure: RondoError) => void
}

interface Waiting {
  readonly lines: readonly string[]
  /** Undefined for a tick, for which nobody waits. */
  readonly since: Instant | undefined
  readonly resolve: () => void
  readonly reject: (failure: unknown) => void
}

/**
 * What waits to be written to one partition, in its order, one write after the other. Frames of which it is not known whether they are in
 * the log are sent again until they are: the fold drops the copies, and no tick can pass what was accepted before it.
 */
export class PartitionQueue {
  readonly #options: PartitionQueueOptions
  #waiting: Waiting[] = []
  #taken: readonly Waiting[] = []
  #isWriting = false
  #hasNews = false
  #end: RondoError | undefined

  constructor(options: PartitionQueueOptions) {
    this.#options = options
  }

  /** Since when the oldest of what is not durable yet has waited. */
  get oldest(): Instant | undefined {
    return [...this.#taken, ...this.#waiting].find(({ since }) => since !== undefined)?.since
  }

  /** Whether anything but ticks has come since the last tick. */
  get hasNews(): boolean {
    return this.#hasNews
  }

  /** Resolves once the lines are durable. */
  put(lines: readonly string[], since: Instant): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end)
      this.#hasNews = true
      this.#waiting.push({ lines, since, resolve, reject })
      this.#schedule()
    })
  }

  /** Ticks of all writers of this process, behind all that waits by now. Those that are the last to wait are out of date. */
  tick(lines: readonly string[]): void {
    if (this.#end !== undefined) return
    this.#hasNews = false
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.since === undefined) this.#waiting.pop()
    this.#waiting.push({ lines, since: undefined, resolve() {}, reject() {} })
    this.#schedule()
  }

  /** Writes nothing more: everybody who waits is told why. */
  stop(reason: RondoError): void {
    this.#end ??= reason
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) reject(reason)
  }

  #schedule(): void {
    if (this.#isWriting || this.#end !== undefined) return
    this.#isWriting = true
    // Requests that the event loop reads in the same round share a frame.
    setImmediate(() => void this.#writeAll())
  }

  async #writeAll(): Promise<void> {
    while (this.#end === undefined && this.#waiting.length > 0) {
      const taken = this.#waiting
      this.#taken = taken
      this.#waiting = []
      try {
        await this.#write(packFrames(taken.flatMap(({ lines }) => lines)))
        for (const { resolve } of taken) resolve()
      } catch (failure) {
        for (const { reject } of taken) reject(failure)
      }
    }
    this.#taken = []
    this.#isWriting = false
  }

  async #write(frames: readonly string[]): Promise<void> {
    const { log, partition, onTrouble } = this.#options
    for (let pauseMs = RETRY_MS_MIN; ; pauseMs = Math.min(2 * pauseMs, RETRY_MS_MAX)) {
      try {
        await log.append(partition, frames)
        return
      } catch (failure) {
        if (!(failure instanceof RondoError && failure.retriable)) throw failure
        onTrouble(failure)
      }
      await sleep(pauseMs)
      if (this.#end !== undefined) throw this.#end
    }
  }
}

/** One for each partition of a log. */
export function partitionQueues(log: LogWriter, onAlarm: (text: string) => void): PartitionQueue[] {
  const onTrouble = ({ message }: RondoError): void => onAlarm(message)
  return Array.from({ length: log.partitions }, (_, partition) => new PartitionQueue({ log, partition, onTrouble }))
}
