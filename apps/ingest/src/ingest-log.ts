import type { ActivityEvent, ControlRecord, Instant, QuarantineRecord } from '#contracts'
import type { Clock } from '#runtime'

/** What one request, or one read of a source, brings into the log. */
export interface Admitted {
  readonly arrival: Instant
  readonly events: readonly ActivityEvent[]
  /** The JSON of each event. */
  readonly lines: readonly string[]
  readonly quarantine: readonly QuarantineRecord[]
}

export function admitted(events: readonly ActivityEvent[], quarantine: readonly QuarantineRecord[], arrival: Instant): Admitted {
  return { arrival, events, lines: events.map((event) => JSON.stringify(event)), quarantine }
}

/** Whether live events are held behind an import. */
export interface Holding {
  readonly isHolding: boolean
  /** Between which instants requests were refused because no more could be held. Reported once, when requests are accepted again. */
  readonly refused?: { readonly from: Instant; readonly until: Instant } | undefined
}

/**
 * The log as one process writes it: all in which a data folder and Kafka differ for admission and for the life of a writer.
 *
 * An implementer guarantees:
 * - What is given to a partition is written in the order of the calls, also where a write fails and is repeated. So a tick stands behind all
 *   that was appended before the call.
 * - Promises resolve once everything is durable.
 */
export interface IngestLog {
  readonly partitions: number
  /** Gives arrivals and the times of ticks. It never goes back; in a folder, which one process writes, not over restarts either. */
  readonly clock: Clock
  /** Since when the oldest of what is not durable yet has waited. */
  readonly oldestWaiting: Instant | undefined
  /** Events, each into the partition of its actor, and refused ones into quarantine. */
  append(admitted: Admitted): Promise<void>
  /** Records that open or close writers, into every partition. */
  announce(records: readonly ControlRecord[], time: Instant): Promise<void>
  /** Ticks for one partition; the first has this time. No caller waits for them: newer ones replace those that are not written yet. */
  tick(partition: number, time: Instant, lines: readonly string[]): void
  /** Whether a partition needs a tick at the next beat in any case: something came since the last one. */
  hasNews(partition: number): boolean
  /** Called at each beat: begins to move what is held into the log where the import has ended. No tick is written while anything is held. */
  release(): Holding
  /** Resolves once it does nothing of its own accord any more; what is appended is still written. */
  drain(): Promise<void>
  /** Writes nothing more, and rejects what waits. */
  stop(reason: Error): void
}
