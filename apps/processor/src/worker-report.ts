import type { ErrorCode, Instant } from '#contracts'
import type { Rebuild } from '#projections'
import type { TracingOptions } from '#tracing'
import type { FoldReport } from './fold-metrics.ts'

/** A cycle that is folded. */
export interface FoldedCycle {
  readonly cycle: string
  /** The text of the definition, and its name in defects. */
  readonly definition: string
  readonly file: string
  /** The name of its state file in the data folder. */
  readonly stateFile: string
  /** Why that file cannot be used: then the cycle has failed from the beginning. */
  readonly failure?: { readonly code: ErrorCode; readonly message: string } | undefined
}

/** What a worker is told while it runs: to stop, or to fold another cycle too. */
export type WorkerMessage = 'stop' | { readonly add: FoldedCycle }

/** The data with which a worker is started. */
export interface WorkerOrder {
  /** The data folder, which the process has opened. */
  readonly folder: string
  readonly cycles: readonly FoldedCycle[]
  /** The folder of the archive of its log, if it is not where it was when the log was trimmed. */
  readonly archive?: string | undefined
  /** How the thread makes spans; undefined if it makes none. */
  readonly tracing?: Omit<TracingOptions, 'onAlarm'> | undefined
}

/** The reports of a worker about one of its cycles. */
export type WorkerReport = { readonly cycle: string } & (
  | ({ readonly kind: 'restored'; readonly dueAt: Instant; readonly seconds: number } & FoldReport)
  | ({ readonly kind: 'committed'; readonly dueAt: Instant } & FoldReport)
  /** The progress of a restore, some times a second at most. */
  | { readonly kind: 'restoring'; readonly from: number; readonly offset: number; readonly to: number }
  /** A read model is being rebuilt, or is complete. */
  | { readonly kind: 'rebuild'; readonly rebuild: Rebuild }
  /** Records of the log that were refused. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'dropped'; readonly copies: ReadonlyMap<string, number> }
  /** Local days so far were cut with other time zone data. */
  | { readonly kind: 'zones'; readonly warning: string }
  /** It tries again by itself. */
  | { readonly kind: 'commit-failed'; readonly code: ErrorCode; readonly message: string }
  /** The cycle is not folded any more; the others are. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
)
