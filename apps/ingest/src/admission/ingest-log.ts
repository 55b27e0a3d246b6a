import type { ActivityEvent, ControlRecord, Instant, QuarantineRecord } from '#contracts'
import type { Clock } from '#runtime'

/** The events of one request, or of one read of a source. */
export interface Admitted {
  readonly arrival: Instant
  readonly events: readonly ActivityEvent[]
  /** The JSON of each event. */
  readonly lines: readonly string[]
  readonly quarantine: readonly QuarantineRecord[]
  /** The span that the request is accepted in, as a W3C traceparent, if the request is traced. */
  readonly trace?: string | undefined
}

/** The events of a request as they are written: each becomes JSON once. */
export function admitted(events: readonly ActivityEvent[], quarantine: readonly QuarantineRecord[], arrival: Instant, trace?: string): Admitted {
  return { arrival, events, lines: events.map((event) => JSON.stringify(event)), quarantine, trace }
}

/** Whether live events are held because of an import. */
export interface Holding {
  readonly isHolding: boolean
  /** The span of time in which requests were refused because too many events were held. Reported once, when requests are accepted again. */
  readonly refused?: { readonly from: Instant; readonly until: Instant } | undefined
}

/**
 * The log as one process writes it: a data folder and Kafka differ only in this, for admission and for the writer life.
 *
 * An implementer guarantees:
 * - Items of a partition are written in the order of the calls, also if a write fails and is repeated. So a tick comes after everything
 *   that was appended before the call.
 * - Promises resolve once everything is durable.
 */
export interface IngestLog {
  readonly partitions: number
  /** Gives arrivals and the times of ticks. It never goes back; in a folder, which one process writes, also not after a restart. */
  readonly clock: Clock
  /** When the oldest item that is not in the log yet began to wait, also in a buffer. */
  readonly oldestWaiting: Instant | undefined
  /** Whether events are durable also while the log does not answer: they wait in a buffer. */
  readonly isBuffered: boolean
  /** Events, each into the partition of its actor, and refused ones into quarantine. */
  append(admitted: Admitted): Promise<void>
  /** Records that open or close writers, for every partition. */
  announce(records: readonly ControlRecord[], time: Instant): Promise<void>
  /** Ticks for one partition; the first has this time. No caller waits for them: newer ones replace those that are not written yet. */
  tick(partition: number, time: Instant, lines: readonly string[]): void
  /** Whether a partition needs a tick at the next beat because something was written since the last one. */
  hasNews(partition: number): boolean
  /** Called at each beat: after an import, begins to move held events into the log. No tick is written while events are held. */
  release(): Holding
  /** Resolves when no work of its own is left; appended items are still written. */
  drain(): Promise<void>
  /** Resolves when a partition does not answer; never for a folder. */
  slow(): Promise<void>
  /** The writers of processes before this one that have left events in the buffer, or were not closed. */
  readonly predecessors: readonly string[]
  /** Keeps the id of a writer until it is forgotten, so that the next process with the same buffer can close it. */
  noteWriter(id: string): void
  forgetWriter(id: string): void
  /** Writes nothing more, and rejects the items that wait. */
  stop(reason: Error): void
}
