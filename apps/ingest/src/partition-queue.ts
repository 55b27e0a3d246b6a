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
  readonly since: Instant
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
  #tick: string | undefined
  #isWriting = false
  #end: RondoError | undefined

  constructor(options: PartitionQueueOptions) {
    this.#options = options
  }

  /** Since when the oldest of what is not durable yet has waited. */
  get oldest(): Instant | undefined {
    return (this.#taken[0] ?? this.#waiting[0])?.since
  }

  /** Resolves once the lines are durable. */
  put(lines: readonly string[], since: Instant): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end)
      this.#waiting.push({ lines, since, resolve, reject })
      this.#schedule()
    })
  }

  /** A tick, behind all that waits by now; one that is still waiting is out of date. */
  tick(line: string): void {
    this.#tick = line
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
    while (this.#end === undefined && (this.#waiting.length > 0 || this.#tick !== undefined)) {
      const taken = this.#waiting
      const tick = this.#tick
      this.#taken = taken
      this.#waiting = []
      this.#tick = undefined
      const lines = taken.flatMap((entry) => entry.lines)
      try {
        await this.#write(packFrames(tick === undefined ? lines : [...lines, tick]))
        for (const { resolve } of taken) resolve()
      } catch (failure) {
        for (const { reject } of taken) reject(failure)
      }
    }
    this.#taken = []
    this.#isWriting = false
  }

  async #write(frames: readonly string[]): Promise<void> {
    if (frames.length === 0) return
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
