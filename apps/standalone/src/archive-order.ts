import type { ErrorCode } from '#contracts'

/** What the archiving thread does once: it writes what is new, and finds what may leave the log. */
export interface ArchiveOrder {
  /** The data folder, which the process has opened. */
  readonly folder: string
  readonly archive: string
  /** Records of the day of this instant are not complete. */
  readonly now: number
  /** Records of the day of this instant and of later days stay in the log. */
  readonly trimBefore: number
}

/** The reports of the archiving thread. */
export type ArchiveReport =
  | { readonly kind: 'written'; readonly day: string; readonly entries: number; readonly bytes: number }
  /** Everything of the days that have ended is in the archive: up to this instant. `day` is the last of its days. */
  | { readonly kind: 'archived'; readonly until: number; readonly day: string | undefined; readonly bytes: number }
  /** The archive has these records as the log has them, and no restart needs them in the log. */
  | { readonly kind: 'compared'; readonly partition: number; readonly begin: number; readonly below: number }
  /** The log keeps all records, since the state of a cycle cannot be read. */
  | { readonly kind: 'kept'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
