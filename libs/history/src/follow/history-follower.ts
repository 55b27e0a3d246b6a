import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Instant, type Output, RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { partitionOf } from '#event-log'
import type { FollowedTo, HistoryBatch } from '../store/history-batch.ts'
import type { HistoryFile } from '../store/history-file.ts'
import type { FoldedTo, HistorySource, PartitionSource } from './history-source.ts'
import { PartitionActivity } from './partition-activity.ts'

/** Outputs that are read at once: they are parsed before other work of the thread has its turn. */
const PAGE_OUTPUTS = 500

/** How much one batch holds of all partitions together: so much memory it takes, however far behind history is. */
export interface BatchLimits {
  readonly rowsMax: number
  readonly bytesMax: number
}
const defaultLimits: BatchLimits = { rowsMax: 50_000, bytesMax: 16 << 20 }

/** What is followed, as which run of which definition. */
export interface FollowerOptions {
  readonly cycle: CompiledCycle
  readonly generation: number
  readonly source: HistorySource
  readonly limits?: BatchLimits | undefined
}

/** What one step has done. */
export interface FollowerStep {
  /** Whether there is more to read at once. */
  readonly isMore: boolean
  readonly rows: Readonly<Record<'outputs' | 'active' | 'traits', number>>
  /** The log time up to which the log is folded: the least of the partitions. */
  readonly foldedTo: Instant
}

/** One partition. */
interface Followed {
  readonly source: PartitionSource
  readonly activity: PartitionActivity
  feedAfter: number
  /** What is stored. */
  stored: string
}

/**
 * Brings a history up to the feed and the log, batch by batch; each batch is one transaction with the positions that it leads to. After a step that failed it
 * is at an end: another one resumes from the stored positions.
 */
export class HistoryFollower {
  readonly #file: HistoryFile
  readonly #options: FollowerOptions
  readonly #partitions: readonly Followed[]

  private constructor(file: HistoryFile, options: FollowerOptions, stored: readonly FollowedTo[]) {
    const { cycle, source } = options
    this.#file = file
    this.#options = options
    this.#partitions = source.partitions.map((ofPartition, partition) => {
      const followed = stored[partition] as FollowedTo
      const owns = source.partitions.length === 1 ? undefined : (id: string) => partitionOf(id, source.partitions.length) === partition
      const activity = new PartitionActivity({ cycle, source: ofPartition, decode: source.decode, owns }, followed)
      return { source: ofPartition, activity, feedAfter: followed.feedAfter, stored: JSON.stringify(followed) }
    })
  }

  /** Continues from the stored positions. */
  static async resume(file: HistoryFile, options: FollowerOptions): Promise<HistoryFollower> {
    return new HistoryFollower(file, options, await file.followed())
  }

  /** Reads and writes one batch. */
  async step(): Promise<FollowerStep> {
    const folded = await this.#options.source.folded()
    const batch = this.#file.writer.newBatch()
    let isMore = false
    let isChanged = false
    for (const [partition, followed] of this.#partitions.entries()) {
      const foldedTo = folded[partition]
      if (foldedTo === undefined) continue
      const isComplete = await this.#collect(followed, foldedTo, batch)
      isMore ||= !isComplete
      const to: FollowedTo = {
        partition,
        logTime: isComplete && Number.isFinite(foldedTo.logTime) ? foldedTo.logTime : undefined,
        feedAfter: followed.feedAfter,
        ...followed.activity.followed,
      }
      const text = JSON.stringify(to)
      isChanged ||= text !== followed.stored
      followed.stored = text
      batch.follow(to)
    }
    if (isChanged) await this.#file.writer.write(batch)
    return { isMore, rows: batch.counts, foldedTo: Math.min(...folded.map((to) => to?.logTime ?? Number.NEGATIVE_INFINITY)) }
  }

  /** @returns whether it has all that follows from the log up to where it was folded */
  async #collect(followed: Followed, folded: FoldedTo, batch: HistoryBatch): Promise<boolean> {
    const { rowsMax, bytesMax } = this.#options.limits ?? defaultLimits
    const count = this.#partitions.length
    // Half of the rows for each of feed and log, so that neither waits for the other.
    const isFeedRead = await this.#readFeed(followed, batch, Math.max(PAGE_OUTPUTS, rowsMax / 2 / count))
    return (await followed.activity.read(batch, folded, { rowsMax: Math.max(1, rowsMax / 2 / count), bytesMax: bytesMax / count })) && isFeedRead
  }

  async #readFeed(followed: Followed, batch: HistoryBatch, outputsMax: number): Promise<boolean> {
    for (let read = 0; read < outputsMax; read += PAGE_OUTPUTS) {
      const page = await followed.source.outputs(followed.feedAfter, PAGE_OUTPUTS)
      for (const { cursor, output: text } of page) {
        const output = JSON.parse(text) as Output
        if (output.generation !== this.#options.generation) throw this.#foreign(output)
        batch.addOutput(output)
        followed.feedAfter = cursor
      }
      if (page.length < PAGE_OUTPUTS) return true
      await nextTurn()
    }
    return false
  }

  #foreign({ id, generation }: Output): RondoError {
    const { cycle, generation: own } = this.#options
    const message = `The feed of the cycle ${cycle.cycle} has the output ${id} of generation ${generation}, and this history is of generation ${own}. Use the generation of the processors (RONDO_GENERATION).`
    return new RondoError('RONDO_DATA_MISMATCH', message)
  }
}
