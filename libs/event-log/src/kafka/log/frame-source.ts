import type { LogRecord } from '../../event-log.ts'
import { logRecord } from './log-record.ts'
import type { FetchLimits, PartitionLog } from './partition-log.ts'

/** Frames from an offset on, and the state of the log when they were read. */
export interface FetchedFrames {
  readonly records: readonly LogRecord[]
  /** The offset to continue from. */
  readonly next: number
  /** After the last record that can be read. */
  readonly stable: number
}

/** Where an owner gets the frames of its partition from. Waits while the brokers cannot be reached; undefined at the end of the ownership. */
export interface FrameSource {
  readonly topic: string
  readonly partition: number
  fetch(from: number, limits: FetchLimits): Promise<FetchedFrames | undefined>
  /** After this the owner reads no more. */
  release(): void
}

/** An answer of the log that is kept, or still awaited. */
interface Answer extends FetchedFrames {
  readonly from: number
}

/** The frames of a partition for one owner alone. */
export function ownFrames(log: PartitionLog, signal: AbortSignal): FrameSource {
  const { topic, partition } = log
  return { topic, partition, fetch: (from, limits) => fetchFrames(log, from, { ...limits, signal }), release() {} }
}

/**
 * The frames of a partition for the cycles that fold it, each at its own position. An answer of the log is kept while one of them continues in it, and a
 * request serves all that wait at its offset. So what one cycle has fetched ahead is not fetched again by another, and one that is behind delays none.
 */
export class SharedFrames {
  readonly #log: PartitionLog
  readonly #signal: AbortSignal
  /** Where each owner continues. */
  readonly #positions = new Map<object, number>()
  #answers: Answer[] = []
  #pending: { readonly from: number; readonly waitMs: number; readonly answer: Promise<Answer | undefined> } | undefined

  /** @param signal the end of the partition's assignment */
  constructor(log: PartitionLog, signal: AbortSignal) {
    this.#log = log
    this.#signal = signal
  }

  /** A source for one more owner. */
  source(): FrameSource {
    const { topic, partition } = this.#log
    const owner = {}
    return {
      topic,
      partition,
      fetch: (from, limits) => {
        this.#positions.set(owner, from)
        return this.#fetch(from, limits)
      },
      release: () => {
        this.#positions.delete(owner)
        this.#forget()
      },
    }
  }

  async #fetch(from: number, limits: FetchLimits): Promise<FetchedFrames | undefined> {
    const kept = this.#answers.find((answer) => answer.from <= from && from < answer.next)
    if (kept !== undefined) return from === kept.from ? kept : { ...kept, records: kept.records.filter(({ offset }) => offset >= from) }
    const { from: pendingFrom, waitMs = 0, answer } = this.#pending ?? {}
    return pendingFrom === from && waitMs <= limits.waitMs ? answer : this.#request(from, limits)
  }

  #request(from: number, limits: FetchLimits): Promise<Answer | undefined> {
    const answer = this.#answer(from, limits)
    const pending = { from, waitMs: limits.waitMs, answer }
    this.#pending = pending
    const ended = (): void => {
      if (this.#pending === pending) this.#pending = undefined
    }
    answer.then(ended, ended)
    return answer
  }

  async #answer(from: number, limits: FetchLimits): Promise<Answer | undefined> {
    const fetched = await fetchFrames(this.#log, from, { ...limits, signal: this.#signal })
    if (fetched === undefined) return undefined
    const answer = { ...fetched, from }
    if (answer.next > from) this.#answers.push(answer)
    this.#forget()
    return answer
  }

  /** Forgets the answers that no owner continues in. */
  #forget(): void {
    const positions = [...this.#positions.values()]
    this.#answers = this.#answers.filter(({ from, next }) => positions.some((position) => from <= position && position < next))
  }
}

async function fetchFrames(log: PartitionLog, from: number, { signal, ...limits }: FetchLimits & { signal: AbortSignal }): Promise<FetchedFrames | undefined> {
  const fetched = await log.fetchWithRetry(from, limits, signal)
  return fetched && { records: fetched.records.map(logRecord), next: fetched.next, stable: fetched.stable }
}
