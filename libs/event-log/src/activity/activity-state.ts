import type { Instant } from '#contracts'

/** An import that has begun and not ended: its rows up to a number are in the log. */
export interface OpenBackfill {
  /** The name of its writer in the log. */
  readonly id: string
  /** The importer's name for the input: the same name means the same rows. */
  readonly source: string
  /** How many of its rows are durable; the refused ones count. */
  readonly rows: number
  /** The amount by which the importer moved the times of its rows. */
  readonly shiftMs: number
  /** The importer's checksum of these rows, if it gives one: another input under the same name has another. */
  readonly checksum?: number | undefined
}

/** Live events that are durable and wait for the end of an import, after which they get their place in the log. */
export interface HeldEvents {
  readonly bytes: number
  /** The arrivals of the first and of the last of them. */
  readonly since: Instant
  readonly until: Instant
}

/**
 * The state that writers of `activity` need to continue a log. Kept as a note, in the transaction of the frames that it describes.
 * A part is null if it does not exist: no writer, no tick, no live event, no log time, no open import, no held events, no ended import.
 */
export interface ActivityState {
  /** The ingest process for whose ticks log time waits; it stays here after a crash. */
  readonly writer: string | null
  readonly tick: Instant | null
  /** The arrival of the newest live event in the log. */
  readonly arrival: Instant | null
  /** T after everything in the log has been applied. */
  readonly logTime: Instant | null
  readonly backfill: OpenBackfill | null
  readonly held: HeldEvents | null
  /** The last import that has ended; `complete` if its importer ended it. */
  readonly ended: (OpenBackfill & { readonly complete: boolean }) | null
}

const BEFORE_ANYTHING: ActivityState = { writer: null, tick: null, arrival: null, logTime: null, backfill: null, held: null, ended: null }

/** The state in a note of the log. Fields that an older release did not write yet have their value of an empty log. */
export function readActivityState(note: string | undefined): ActivityState {
  return note === undefined ? BEFORE_ANYTHING : { ...BEFORE_ANYTHING, ...(JSON.parse(note) as ActivityState) }
}

/** The later of two instants; null is before all others. */
export function later(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b
  return Math.max(a, b)
}
