import { type ActivityEvent, type ControlRecord, type Instant, RondoError } from '#contracts'
import type { FoldEvent } from '#cycle'
import type { FeedRecord, LogRecord } from '#event-log'
import { untilAborted } from '#runtime'

/** How far the processors have folded a partition for a cycle. */
export interface FoldedTo {
  readonly offset: number
  readonly index: number
  /** Minus infinity before the first tick. */
  readonly logTime: Instant
}

/** An entry of the log as the fold reads it. */
type DecodedEntry =
  | { readonly kind: 'event'; readonly event: FoldEvent; readonly record: ActivityEvent }
  | { readonly kind: 'control'; readonly record: ControlRecord }
  | { readonly kind: 'poison' }

/** What history reads of one partition. */
export interface PartitionSource {
  /** The feed, at most `limit` records after a cursor. */
  outputs(after: number, limit: number): Promise<readonly FeedRecord[]>
  /** The late events, in the same way. */
  late(after: number, limit: number): Promise<readonly FeedRecord[]>
  /** The log from an offset on, up to about `bytesMax` bytes, from its archive where it was trimmed. @throws RondoError RONDO_LOG_INCOMPLETE if neither has it */
  records(offset: number, bytesMax: number): Promise<readonly LogRecord[]>
}

/**
 * What history follows, of one cycle. An implementer guarantees: what follows from the log up to a point that `folded` gave can be read from `outputs`
 * and `late` when it has answered.
 */
export interface HistorySource {
  /** Which log it is: a history of another one is made again. */
  readonly log: Readonly<Record<string, string>>
  readonly partitions: readonly PartitionSource[]
  /** The entries of a record of the log, by their index, as the fold decodes them. */
  readonly decode: (record: LogRecord) => readonly DecodedEntry[]
  /** For each partition; undefined where nothing is folded. @throws RondoError RONDO_DATA_MISMATCH if another definition or generation is folded */
  folded(): Promise<readonly (FoldedTo | undefined)[]>
  close(): Promise<void>
}

/** A source whose answers are not waited for once the signal came: brokers that are away answer late. @throws RondoError RONDO_HISTORY_UNAVAILABLE then */
export function abortable(source: HistorySource, signal: AbortSignal): HistorySource {
  const until = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    answer.catch(() => {})
    const given = await untilAborted(
      answer.then((value) => ({ value })),
      signal,
    )
    if (given === undefined) throw new RondoError('RONDO_HISTORY_UNAVAILABLE', 'History is being closed.', { retriable: true })
    return given.value
  }
  return {
    ...source,
    partitions: source.partitions.map((partition) => ({
      outputs: (after, limit) => until(partition.outputs(after, limit)),
      late: (after, limit) => until(partition.late(after, limit)),
      records: (offset, bytesMax) => until(partition.records(offset, bytesMax)),
    })),
    folded: () => until(source.folded()),
  }
}
