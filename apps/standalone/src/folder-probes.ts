import { formatInstant, type Instant, type RondoError } from '#contracts'
import type { ActivityLog, FoldTimes } from '#event-log'
import { type Logger, type Readiness, ReadinessLog, type StallCause, Stalls } from '#process'
import type { Clock } from '#runtime'

/** The only partition of a data folder. */
const PARTITION = 0

/** What the probes of the standalone process look at. */
export interface FolderProbesOptions {
  readonly log: Pick<ActivityLog, 'state'>
  readonly clock: Clock
  /** The longest time without a move of log time, in ms. */
  readonly stallMs: number
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

/** Whether the fold of a data folder does its work: for probes, for metrics, and for the log of the process. */
export class FolderProbes {
  readonly stalls: Stalls
  readonly #options: FolderProbesOptions
  readonly #readinessLog: ReadinessLog
  #folded: FoldTimes | undefined
  #failure: Pick<RondoError, 'code' | 'message'> | undefined

  constructor(options: FolderProbesOptions) {
    const { clock, stallMs, logger } = options
    this.#options = options
    this.stalls = new Stalls({ clock, stallMs, causeOf: () => this.#cause() })
    this.#readinessLog = new ReadinessLog(this.readiness, logger, clock)
  }

  /** The times of the last commit of the fold; undefined until its state is restored. */
  get folded(): FoldTimes | undefined {
    return this.#folded
  }

  readonly readiness: Readiness = () => (this.#folded === undefined ? 'The state of the data folder is being restored.' : this.stalls.unreadyReason)

  /** `logTime` is the log time of the fold, as in every answer with numbers. `logEndTime` is its log time at the end of the present log. */
  details() {
    const { logTime, backfill, held } = this.#options.log.state
    const times = { logTime: textOf(this.#folded?.logTime), logEndTime: textOf(logTime) }
    return { ...times, importing: backfill !== null, heldBytes: held?.bytes ?? 0 }
  }

  committed(times: FoldTimes): void {
    this.#folded = times
    this.#failure = undefined
  }

  commitFailed(failure: Pick<RondoError, 'code' | 'message'>): void {
    this.#failure = failure
  }

  start(): void {
    this.#readinessLog.start(() => this.poll())
  }

  stop(): void {
    this.#readinessLog.stop()
  }

  poll(): void {
    const { log, logger } = this.#options
    // Log time does not follow ticks during an import. Live events are accepted meanwhile, so the process is ready.
    if (log.state.backfill !== null) this.stalls.forget(PARTITION)
    else if (this.#folded !== undefined) this.stalls.recordLogTime(PARTITION, this.#folded.logTime)
    this.stalls.log(logger)
  }

  #cause(): StallCause {
    const end = this.#options.log.state.logTime
    const { message, code } = this.#failure ?? {}
    if (message !== undefined) return { reason: 'log-unavailable', text: `nothing can be committed: ${message.replace(/\.$/, '')} (${code})` }
    if (end !== null && end > (this.#folded?.logTime ?? end)) return { reason: 'behind', text: `the fold is behind: the log goes on to ${formatInstant(end)}` }
    return { reason: 'no-tick', text: 'ingest writes no ticks; see its alarms' }
  }
}

function textOf(time: Instant | null | undefined): string | null {
  return time === null || time === undefined || !Number.isFinite(time) ? null : formatInstant(time)
}
