import { formatInstant, type Instant, type RondoError } from '#contracts'
import type { PathCountsRecord } from '#cycle'
import type { ActivityLog, FoldTimes } from '#event-log'
import { type Logger, PathWarnings, type Readiness, ReadinessLog, type StallCause, Stalls } from '#process'
import type { Clock } from '#runtime'

/** The only partition of a data folder. */
const PARTITION = 0

/** What the probes of the standalone process look at. */
export interface FolderProbesOptions {
  /** The names of the cycles that are folded. */
  readonly cycles: readonly string[]
  readonly log: Pick<ActivityLog, 'state' | 'failure'>
  /** Whether time waits for clients that have buffered events during an outage. */
  readonly isCatchingUp: () => boolean
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
  /** Whether it was added while the process ran. */
  readonly isAdded: boolean
  readonly stalls: Stalls
  readonly pathWarnings: PathWarnings
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
  readonly #folds = new Map<string, Fold>()
  #stallMs: number

  constructor(options: FolderProbesOptions) {
    const { cycles, clock, stallMs, logger } = options
    this.#options = options
    this.#stallMs = stallMs
    for (const cycle of cycles) this.#begin(cycle, { isAlone: cycles.length === 1, isAdded: false })
    this.#readinessLog = new ReadinessLog(this.readiness, logger, clock)
  }

  /** When the log time of each cycle last moved. */
  get stalls(): readonly { readonly cycle: string; readonly stalls: Stalls }[] {
    return [...this.#folds.values()]
  }

  /** A cycle is folded too from now on. The process stays ready while its state is opened. */
  add(cycle: string): void {
    this.#begin(cycle, { isAlone: false, isAdded: true })
  }

  #begin(cycle: string, { isAlone, isAdded }: Pick<FoldReport, 'isAlone' | 'isAdded'>): void {
    const { clock, logger } = this.#options
    const pathWarnings = new PathWarnings({ cycle }, (text) => logger.warn(text))
    this.#folds.set(cycle, newFold(cycle, { isAlone, isAdded, pathWarnings, clock, stallMs: this.#stallMs, causeOf: (fold) => this.#causeOf(fold) }))
  }

  /** Changes how long the log time of a cycle may stand still. */
  limitStall(ms: number): void {
    this.#stallMs = ms
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
    const restoring = this.#running.filter(({ times, isAdded }) => times === undefined && !isAdded)
    if (restoring.length > 0) return `${this.#statesOf(restoring)} being restored.`
    const { failure } = this.#options.log
    if (failure !== undefined) return `The log cannot be written, and clients get 503: ${failure.message} (${failure.code})`
    return this.#running.map(({ stalls }) => stalls.unreadyReason).find((reason) => reason !== undefined)
  }

  /** What people should know of the events of running cycles; undefined if there is nothing. */
  get note(): string | undefined {
    return this.#running.flatMap(({ pathWarnings }) => pathWarnings.texts).join(' ') || undefined
  }

  /** `logTime` is the log time up to which all cycles are folded. `logEndTime` is the log time at the end of the present log. `catchingUp`: log time waits for events that clients have buffered. */
  details() {
    const { logTime, backfill, held } = this.#options.log.state
    const times = { logTime: textOf(this.folded?.logTime), logEndTime: textOf(logTime) }
    return { ...times, importing: backfill !== null, catchingUp: this.#options.isCatchingUp(), heldBytes: held?.bytes ?? 0 }
  }

  committed(cycle: string, times: FoldTimes & { readonly paths?: PathCountsRecord }): void {
    this.#change(cycle, { times, failure: undefined })
    if (times.paths !== undefined) this.#folds.get(cycle)?.pathWarnings.record(PARTITION, times.paths)
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
    const { log, logger, isCatchingUp } = this.#options
    // Log time does not follow ticks then. Live events are accepted meanwhile, so the process is ready.
    const stands = log.state.backfill !== null || isCatchingUp()
    for (const { stalls, times } of this.#running) {
      if (stands) stalls.forget(PARTITION)
      else if (times !== undefined) stalls.recordLogTime(PARTITION, times.logTime)
      stalls.log(logger)
    }
  }

  #statesOf(folds: readonly Fold[]): string {
    if (this.#folds.size === 1) return 'The state of the data folder is'
    const names = folds.map(({ cycle }) => cycle).join(', ')
    return folds.length === 1 ? `The state of the cycle ${names} is` : `The states of the cycles ${names} are`
  }

  get #running(): Fold[] {
    return [...this.#folds.values()].filter(({ end }) => end === undefined)
  }

  #change(cycle: string, change: Partial<Pick<Fold, 'times' | 'failure' | 'end'>>): void {
    const fold = this.#folds.get(cycle)
    if (fold !== undefined) Object.assign(fold, change)
  }

  #causeOf({ times, failure }: Fold): StallCause {
    const end = this.#options.log.state.logTime
    if (failure !== undefined) {
      const { message, code } = failure
      return { reason: 'log-unavailable', text: `nothing can be committed: ${message.replace(/\.$/, '')} (${code})` }
    }
    if (end !== null && end > (times?.logTime ?? end)) return { reason: 'behind', text: `the fold is behind: the log goes on to ${formatInstant(end)}` }
    return { reason: 'no-tick', text: 'ingest writes no ticks; see its alarms' }
  }
}

/** What a fold needs to report on itself. */
interface FoldReport {
  readonly isAlone: boolean
  readonly isAdded: boolean
  readonly pathWarnings: PathWarnings
  readonly clock: Clock
  readonly stallMs: number
  readonly causeOf: (fold: Fold) => StallCause
}

function newFold(cycle: string, { isAlone, isAdded, pathWarnings, causeOf, ...options }: FoldReport): Fold {
  const stalls = new Stalls({ ...options, cycle: isAlone ? undefined : cycle, causeOf: () => causeOf(fold) })
  const fold: Fold = { cycle, isAdded, stalls, pathWarnings, times: undefined, failure: undefined, end: undefined }
  return fold
}

function textOf(time: Instant | null | undefined): string | null {
  return time === null || time === undefined || !Number.isFinite(time) ? null : formatInstant(time)
}
