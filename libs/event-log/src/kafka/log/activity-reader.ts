import { RondoError } from '#contracts'
import type { LogRecord } from '../../event-log.ts'
import type { FetchedRecord } from '../client/kafka-client.ts'
import type { FetchLimits, FetchResult, PartitionLog } from './partition-log.ts'
import { tracesOf } from './trace-headers.ts'

/** How long a broker may hold a request, so that an end of the ownership is noticed soon. */
const POLL_MS_MAX = 500

/**
 * Frames of one partition for an owner that asks for them when it is ready for more. Keeps the surplus of the last answer,
 * and at most one answer that was fetched ahead while the owner was folding.
 */
export class ActivityReader {
  readonly #log: PartitionLog
  readonly #signal: AbortSignal
  /** The offset that the owner is expected to ask for next; with another one, what was fetched is dropped. */
  #nextOffset = -1
  /** Records of the last answer that the owner has not got yet. */
  #surplus: readonly FetchedRecord[] = []
  #lastFetch: Pick<FetchResult, 'next' | 'stable'> = { next: -1, stable: -1 }
  /** The answer that was requested while the owner was folding. */
  #fetchedAhead: Promise<FetchResult | undefined> | undefined

  /** @param signal the end of the ownership */
  constructor(log: PartitionLog, signal: AbortSignal) {
    this.#log = log
    this.#signal = signal
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
    const fetched = await (this.#fetchedAhead ?? this.#log.fetchWithRetry(from, limits, this.#signal))
    this.#fetchedAhead = undefined
    if (fetched === undefined) return
    if (fetched.next === from && from < fetched.stable) throw this.#unreadable(from)
    this.#lastFetch = fetched
    this.#surplus = fetched.records
  }

  #takePage(bytesMax: number): LogRecord[] {
    if (this.#signal.aborted) return []
    const taken = this.#surplus.slice(0, countWithin(this.#surplus, bytesMax)).map(logRecord)
    this.#surplus = this.#surplus.slice(taken.length)
    const last = taken.at(-1)
    if (last !== undefined) this.#nextOffset = last.offset + 1
    if (this.#surplus.length === 0 && this.#lastFetch.next < this.#lastFetch.stable) this.#fetchAhead(bytesMax)
    return taken
  }

  #fetchAhead(bytesMax: number): void {
    this.#fetchedAhead = this.#log.fetchWithRetry(this.#lastFetch.next, { bytesMax, waitMs: 0 }, this.#signal)
    // The next read throws the failure; without a next read it does not matter.
    this.#fetchedAhead.catch(() => {})
  }

  #unreadable(offset: number): RondoError {
    const where = `offset ${offset} of partition ${this.#log.partition} of ${this.#log.topic}`
    return new RondoError('RONDO_DATA_CORRUPT', `The broker has records from ${where} on and gives none. The topic must not be compacted; restore it.`)
  }
}

/** Rondo writes no record without a value; such a record is an empty frame, which is refused like any other unreadable frame. */
export function logRecord(fetched: FetchedRecord): LogRecord {
  const { offset, timestamp, value } = fetched
  const record = { offset: Number(offset), appendedAt: Number(timestamp), frame: value?.toString() ?? '' }
  const traces = tracesOf(fetched)
  return traces === undefined ? record : { ...record, traces }
}

/** How many records fit into about `bytesMax` bytes: at least one. */
function countWithin(records: readonly FetchedRecord[], bytesMax: number): number {
  let bytes = 0
  const firstSurplus = records.findIndex(({ value }, i) => {
    bytes += value?.length ?? 0
    return i > 0 && bytes > bytesMax
  })
  return firstSurplus < 0 ? records.length : firstSurplus
}
