import { formatInstant, type Instant, type RondoError } from '#contracts'
import type { ActivityLog, FoldTimes } from '#event-log'
import { type Logger, type Readiness, ReadinessLog, type StallCause, Stalls } from '#process'
import type { Clock } from '#runtime'

/** The only partition of a data folder. */
const PARTITION = 0

/** What the probes of the standalone process look at. */
export interface FolderProbesOptions {
  /** The names of the cycles that are folded. */
  readonly cycles: readonly string[]
  readonly log: Pick<ActivityLog, 'state'>
  readonly clock: Clock
  /** The longest time without a move of log time, in ms. */
  readonly stallMs: number
  readonly logger: Pick<Logger, 'info' | 'warn'>
}

/** What is shown of an error. */
type Failure = Pick<RondoError, 'code' | 'message'>

/** The fold of one cycle, as far as it has reported. */
interface Fold {
  readonly cycle: string
  readonly stalls: Stalls
  /** The times of its last commit; undefined until its state is restored. */
  times: FoldTimes | undefined
  /** Why nothing can be committed at present. */
  failure: Failure | undefined
  /** Why the cycle is not folded any more. */
  end: Failure | undefined
}

/** Whether the folds of a data folder do their work: for probes, for metrics, and for the log of the process. */
export class FolderProbes {
  readonly #options: FolderProbesOptions
  readonly #readinessLog: ReadinessLog
  readonly #folds: ReadonlyMap<string, Fold>

  constructor(options: FolderProbesOptions) {
    const { cycles, clock, stallMs, logger } = options
    this.#options = options
    this.#folds = new Map(cycles.map((cycle) => [cycle, newFold(cycle, { clock, stallMs, causeOf: (fold) => this.#causeOf(fold) })]))
    this.#readinessLog = new ReadinessLog(this.readiness, logger, clock)
  }

  /** When the log time of each cycle last moved. */
  get stalls(): readonly { readonly cycle: string; readonly stalls: Stalls }[] {
    return [...this.#folds.values()]
  }

  /** Changes how long the log time of a cycle may stand still. */
  limitStall(ms: number): void {
    for (const { stalls } of this.#folds.values()) stalls.limit(ms)
  }

  /** The times up to which all cycles are folded; undefined until all states are restored. A cycle that is not folded any more does not count. */
  get folded(): FoldTimes | undefined {
    const times = this.#running.map((fold) => fold.times)
    if (times.length === 0 || times.includes(undefined)) return undefined
    const known = times as FoldTimes[]
    return { logTime: Math.min(...known.map(({ logTime }) => logTime)), dueAt: Math.min(...known.map(({ dueAt }) => dueAt)) }
  }

  readonly readiness: Readiness = () => {
    const ended = [...this.#folds.values()].find(({ end }) => end !== undefined)
    if (ended?.end !== undefined) return `The cycle ${ended.cycle} is not folded any more: ${ended.end.message} (${ended.end.code}) The others are.`
    const isRestored = this.#running.every(({ times }) => times !== undefined)
    if (!isRestored) return 'The state of the data folder is being restored.'
    return this.#running.map(({ stalls }) => stalls.unreadyReason).find((reason) => reason !== undefined)
  }

  /** `logTime` is the log time up to which all cycles are folded. `logEndTime` is the log time at the end of the present log. */
  details() {
    const { logTime, backfill, held } = this.#options.log.state
    const times = { logTime: textOf(this.folded?.logTime), logEndTime: textOf(logTime) }
    return { ...times, importing: backfill !== null, heldBytes: held?.bytes ?? 0 }
  }

  committed(cycle: string, times: FoldTimes): void {
    this.#change(cycle, { times, failure: undefined })
  }

  commitFailed(cycle: string, failure: Failure): void {
    this.#change(cycle, { failure })
  }

  /** A cycle is not folded any more, while others are. */
  ended(cycle: string, end: Failure): void {
    this.#change(cycle, { end })
  }

  start(): void {
    this.#readinessLog.start(() => this.poll())
  }

  stop(): void {
    this.#readinessLog.stop()
  }

  poll(): void {
    const { log, logger } = this.#options
    for (const { stalls, times } of this.#running) {
      // Log time does not follow ticks during an import. Live events are accepted meanwhile, so the process is ready.
      if (log.state.backfill !== null) stalls.forget(PARTITION)
      else if (times !== undefined) stalls.recordLogTime(PARTITION, times.logTime)
      stalls.log(logger)
    }
  }

  get #running(): Fold[] {
    return [...this.#folds.values()].filter(({ end }) => end === undefined)
  }

  #change(cycle: string, change: Partial<Pick<Fold, 'times' | 'failure' | 'end'>>): void {
    const fold = this.#folds.get(cycle)
    if (fold !== undefined) Object.assign(fold, change)
  }

  #causeOf({ cycle, times, failure }: Fold): StallCause {
    const end = this.#options.log.state.logTime
    const of = this.#folds.size > 1 ? ` of the cycle ${cycle}` : ''
    if (failure !== undefined) {
      const { message, code } = failure
      return { reason: 'log-unavailable', text: `nothing${of} can be committed: ${message.replace(/\.$/, '')} (${code})` }
    }
    if (end !== null && end > (times?.logTime ?? end)) return { reason: 'behind', text: `the fold${of} is behind: the log goes on to ${formatInstant(end)}` }
    return { reason: 'no-tick', text: 'ingest writes no ticks; see its alarms' }
  }
}

function newFold(cycle: string, { causeOf, ...options }: { clock: Clock; stallMs: number; causeOf: (fold: Fold) => StallCause }): Fold {
  const stalls = new Stalls({ ...options, causeOf: () => causeOf(fold) })
  const fold: Fold = { cycle, stalls, times: undefined, failure: undefined, end: undefined }
  return fold
}

function textOf(time: Instant | null | undefined): string | null {
  return time === null || time === undefined || !Number.isFinite(time) ? null : formatInstant(time)
}
