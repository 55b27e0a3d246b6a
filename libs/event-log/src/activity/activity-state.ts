import type { Instant } from '#contracts'

/** An import that has begun and not ended: its rows are in the log up to a number. */
export interface OpenBackfill {
  /** Its writer in the log. */
  readonly id: string
  /** What the rows come from, in the importer's words: the same words mean the same rows. */
  readonly source: string
  /** How many of its rows are durable; the refused ones count. */
  readonly rows: number
  /** By how much the importer moved its rows' times. */
  readonly shiftMs: number
}

/** Live events that are durable and wait for the end of an import: they are to stand behind it. */
export interface HeldEvents {
  readonly bytes: number
  /** No event of them arrived before the first, or after the second. */
  readonly since: Instant
  readonly until: Instant
}

/** What those who write `activity` have to know of the log they go on with. Kept as a note, in the transaction of the frames it speaks of. */
export interface ActivityState {
  /** The ingest process whose ticks hold log time; after a crash it still stands here. */
  readonly writer: string | null
  readonly tick: Instant | null
  /** Of the newest live event in the log. */
  readonly arrival: Instant | null
  /** T once all that is in the log has been applied. */
  readonly logTime: Instant | null
  readonly backfill: OpenBackfill | null
  readonly held: HeldEvents | null
  /** The last one that has ended; `complete` where its importer ended it. */
  readonly ended: (OpenBackfill & { readonly complete: boolean }) | null
}

const BEFORE_ANYTHING: ActivityState = { writer: null, tick: null, arrival: null, logTime: null, backfill: null, held: null, ended: null }

export function readActivityState(note: string | undefined): ActivityState {
  return note === undefined ? BEFORE_ANYTHING : { ...BEFORE_ANYTHING, ...(JSON.parse(note) as ActivityState) }
}

/** The later of two instants, where null is before anything. */
export function later(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b
  return Math.max(a, b)
}
