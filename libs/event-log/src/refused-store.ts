import type { ActivityEvent, AdminRecord, Instant, QuarantineRecord } from '#contracts'

/** A refused event where it is kept. */
export interface KeptRefusal {
  /** Names it for as long as it is kept, and no other one later. */
  readonly id: string
  /** The position in the list after it, opaque. */
  readonly cursor: string
  readonly record: QuarantineRecord
}

/** How much is kept, how much may be, and what was dropped because it was more. Null where the store does not know it, or has no limit. */
export interface RefusedUsage {
  readonly records: number | null
  readonly bytes: number | null
  readonly bytesMax: number | null
  readonly ageMsMax: number | null
  /** What the limits have removed, and when last. */
  readonly dropped: { readonly records: number; readonly lastAt: string | null }
}

/** The cursor before all. */
export const REFUSED_START = '0'

/**
 * Refused events of one log, those of admission and those of the fold, as a growing list.
 *
 * An implementer guarantees:
 * - Every durable refusal is read once by a reader that continues at its last cursor, until a limit has removed it.
 * - The oldest are removed first, and only because of a limit; what was removed is counted.
 */
export interface RefusedStore {
  /** Up to `limit`, oldest first, after a cursor. @throws RondoError RONDO_ARGUMENT_INVALID if this list never gave the cursor */
  read(after: string, limit: number): Promise<readonly KeptRefusal[]>
  find(id: string): Promise<KeptRefusal | undefined>
  usage(): Promise<RefusedUsage>
  close(): Promise<void>
}

/** What becomes of refused events: events in the log, and the acts that say so. */
export interface Settlement {
  readonly events: readonly ActivityEvent[]
  readonly acts: readonly AdminRecord[]
}

/** The decision about refused events, made while no other settlement is made. */
export interface Settling {
  /** Reads the acts of all settlements so far. */
  readonly refresh: () => Promise<void>
  /** Called after `refresh`; no other settlement comes between. @param arrival that of the events */
  readonly decide: (arrival: Instant) => Settlement | undefined
}

/**
 * Writes what became of refused events into the log.
 *
 * An implementer guarantees:
 * - Events and acts become durable together, or not at all, also if the process is killed at any instant.
 * - `refresh` sees the acts of every settlement that was made before, by any process, and of none that is not durable.
 */
export interface Settler {
  /** @throws RondoError if nothing was written (retriable), or if that is not known: then `refresh` of the next call decides it */
  settle(settling: Settling): Promise<void>
}
