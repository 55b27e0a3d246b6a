import { RondoError } from '#contracts'
import type { LogRecord } from '../../event-log.ts'
import type { FetchedFrames, FrameSource } from './frame-source.ts'
import type { FetchLimits } from './partition-log.ts'

/** How long a broker may hold a request, so that an end of the ownership is noticed soon. */
const POLL_MS_MAX = 500

/**
 * Frames of one partition for an owner that asks for them when it is ready for more. Keeps the surplus of the last answer,
 * and at most one answer that was fetched ahead while the owner was folding.
 */
export class ActivityReader {
  readonly #source: FrameSource
  readonly #signal: AbortSignal
  /** The offset that the owner is expected to ask for next; with another one, what was fetched is dropped. */
  #nextOffset = -1
  /** Records of the last answer that the owner has not got yet. */
  #surplus: readonly LogRecord[] = []
  #lastFetch: Pick<FetchedFrames, 'next' | 'stable'> = { next: -1, stable: -1 }
  /** The answer that was requested while the owner was folding. */
  #fetchedAhead: Promise<FetchedFrames | undefined> | undefined

  /** @param signal the end of the ownership */
  constructor(source: FrameSource, signal: AbortSignal) {
    this.#source = source
    this.#signal = signal
    signal.addEventListener('abort', () => source.release(), { once: true })
  }

  /** Reads as {@link OwnedPartition.read} promises. Waits while the brokers cannot be reached. */
  async read(offset: number, { bytesMax, waitMs }: FetchLimits): Promise<LogRecord[]> {
    if (offset !== this.#nextOffset) this.#seek(offset)
    let expired = waitMs === 0
    const expiry = setTimeout(() => {
      expired = true
    }, waitMs)
    try {
      while (this.#surplus.length === 0 && !this.#signal.aborted) {
        await this.#fetch({ bytesMax, waitMs: expired ? 0 : Math.min(waitMs, POLL_MS_MAX) })
        if (expired && this.#lastFetch.next >= this.#lastFetch.stable) break
      }
      return this.#takePage(bytesMax)
    } finally {
      clearTimeout(expiry)
    }
  }

  #seek(offset: number): void {
    this.#nextOffset = offset
    this.#surplus = []
    this.#lastFetch = { next: offset, stable: -1 }
    this.#fetchedAhead = undefined
  }

  async #fetch(limits: FetchLimits): Promise<void> {
    const from = this.#lastFetch.next
    const fetched = await (this.#fetchedAhead ?? this.#source.fetch(from, limits))
    this.#fetchedAhead = undefined
    if (fetched === undefined) return
    if (fetched.next === from && from < fetched.stable) throw this.#unreadable(from)
    this.#lastFetch = fetched
    this.#surplus = fetched.records
  }

  #takePage(bytesMax: number): LogRecord[] {
    if (this.#signal.aborted) return []
    const taken = this.#surplus.slice(0, countWithin(this.#surplus, bytesMax))
    this.#surplus = this.#surplus.slice(taken.length)
    const last = taken.at(-1)
    if (last !== undefined) this.#nextOffset = last.offset + 1
    if (this.#surplus.length === 0 && this.#lastFetch.next < this.#lastFetch.stable) this.#fetchAhead(bytesMax)
    return taken
  }

  #fetchAhead(bytesMax: number): void {
    this.#fetchedAhead = this.#source.fetch(this.#lastFetch.next, { bytesMax, waitMs: 0 })
    // The next read throws the failure; without a next read it does not matter.
    this.#fetchedAhead.catch(() => {})
  }

  #unreadable(offset: number): RondoError {
    const where = `offset ${offset} of partition ${this.#source.partition} of ${this.#source.topic}`
    return new RondoError('RONDO_DATA_CORRUPT', `The broker has records from ${where} on and gives none. The topic must not be compacted; restore it.`)
  }
}

/** How many records fit into about `bytesMax` bytes: at least one. */
function countWithin(records: readonly LogRecord[], bytesMax: number): number {
  let bytes = 0
  const firstSurplus = records.findIndex(({ frame }, i) => {
    bytes += frame.length
    return i > 0 && bytes > bytesMax
  })
  return firstSurplus < 0 ? records.length : firstSurplus
}
