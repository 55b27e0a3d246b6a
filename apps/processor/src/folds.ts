import { type Instant, RondoError } from '#contracts'
import type { CompiledCycle, TimeHolder } from '#cycle'
import type { OwnedPartition, RequiredRecords } from '#event-log'
import { networkLogLimits, runPartition } from '#pipeline'
import { type Logger, PathWarnings, type Stalls } from '#process'
import { type Clock, hashSeed } from '#runtime'
import type { Tracing } from '#tracing'
import type { FoldMetrics, FoldPlace } from './fold-metrics.ts'
import type { Readings } from './readings.ts'

/** The progress of a long restore is logged this often. */
const REPORT_MS = 10_000

/** A report of the run of a partition. */
type PartitionReport = Parameters<NonNullable<Parameters<typeof runPartition>[2]['report']>>[0]
/** A report that has the status of a partition. */
type Progress = Extract<PartitionReport, { readonly kind: 'restored' | 'committed' }>

/** How the partitions are folded, and where their reports go. */
export interface FoldsOptions {
  /** Whether other cycles are folded in this process; then messages name the cycle. */
  readonly hasOthers: boolean
  readonly readings: Readings
  readonly generation: number
  /** Number of entries of a partition during which the state of every actor is written once. */
  readonly checkpointRound: number
  /** The longest log time between two writes of an actor's state, if the log does not keep its records for ever. */
  readonly checkpointRenewMs?: number | undefined
  readonly metrics: FoldMetrics
  readonly clock: Clock
  readonly logger: Pick<Logger, 'info'>
  readonly onAlarm: (text: string) => void
  /** Gets the log time of each partition when it moves, and the partitions that are no longer folded here. */
  readonly stalls: Pick<Stalls, 'recordLogTime' | 'forget'>
  readonly tracing?: Pick<Tracing, 'foldSpans'> | undefined
}

/** The state of a partition that is folded here. */
interface Fold {
  readonly since: Instant
  reportedAt: Instant
  /** Undefined while it is being restored. */
  progress: Progress | undefined
  /** Why nothing can be committed at present. */
  failure: RondoError | undefined
}

/** The partitions that this process folds for one cycle. */
export class Folds {
  readonly #cycle: CompiledCycle
  readonly #options: FoldsOptions
  readonly #folds = new Map<number, Fold>()
  readonly #pathWarnings: PathWarnings

  constructor(cycle: CompiledCycle, options: FoldsOptions) {
    this.#cycle = cycle
    this.#options = options
    this.#pathWarnings = new PathWarnings(cycle, options.onAlarm)
  }

  /** What people should know of the events that are folded here. */
  get notes(): readonly string[] {
    return this.#pathWarnings.texts
  }

  /** All partitions that are folded here. */
  get partitions(): Iterable<number> {
    return this.#folds.keys()
  }

  /** Partitions whose state is not restored yet. */
  get restoring(): number[] {
    return [...this.#folds].filter(([, { progress }]) => progress === undefined).map(([partition]) => partition)
  }

  /** The records of the log that a restore in another process would need now. */
  get requiredRecords(): RequiredRecords[] {
    return [...this.#folds].flatMap(([partition, { progress }]) => {
      if (progress === undefined || progress.offset < 0) return []
      return [{ topic: 'activity', partition, from: progress.restoreFrom, end: progress.offset + 1, neededBy: 'a restore' }]
    })
  }

  /** The position of the fold, the writer for which log time waits, and the failure that stops the fold; undefined if there is none. */
  status(partition: number): { offset: number; heldBy: TimeHolder | undefined; failure: RondoError | undefined } {
    const { progress, failure } = this.#folds.get(partition) ?? {}
    return { offset: progress?.offset ?? -1, heldBy: progress?.heldBy, failure }
  }

  /** Folds a partition until the signal, or until another process owns it. @throws RondoError if the log cannot be read or written */
  async run(owned: OwnedPartition, signal: AbortSignal): Promise<void> {
    const { partition } = owned
    const { generation, checkpointRound, checkpointRenewMs, metrics, clock, stalls, logger, readings, onAlarm, tracing } = this.#options
    const now = clock.now()
    const fold: Fold = { since: now, reportedAt: now, progress: undefined, failure: undefined }
    this.#folds.set(partition, fold)
    metrics.begin(this.#placeOf(partition))
    logger.info(`${this.#name(partition)} is taken over; its state is being restored.`)
    try {
      await runPartition(owned, this.#cycle, {
        signal,
        seed: hashSeed(),
        generation,
        reading: readings.of(partition),
        limits: { ...networkLogLimits, checkpointRound, checkpointRenewMs },
        report: (report) => this.#applyReport(partition, fold, report),
        tracing: tracing?.foldSpans({ 'rondo.cycle': this.#cycle.cycle, 'rondo.partition': partition }),
      })
      if (signal.aborted) logger.info(`${this.#name(partition)} is released.`)
      else onAlarm(`${this.#name(partition)} was lost to another process, which has fenced this one. This process takes it again only if the group assigns it.`)
    } catch (failure) {
      if (failure instanceof RondoError) throw new RondoError(failure.code, `${this.#name(partition)}: ${failure.message}`, { cause: failure })
      throw failure
    } finally {
      if (this.#folds.get(partition) === fold) this.#folds.delete(partition)
      metrics.drop(this.#placeOf(partition))
      stalls.forget(partition)
      this.#pathWarnings.forget(partition)
    }
  }

  /** As the subject of a sentence. */
  #name(partition: number): string {
    return this.#options.hasOthers ? `Partition ${partition} of the cycle ${this.#cycle.cycle}` : `Partition ${partition}`
  }

  #applyReport(partition: number, fold: Fold, report: PartitionReport): void {
    const { metrics, onAlarm } = this.#options
    if (report.kind === 'restoring') this.#reportRestore(partition, fold, report)
    else if (report.kind === 'refused') onAlarm(`${this.#name(partition)}: ${report.error.message} (${report.error.code})`)
    else if (report.kind === 'commit-failed') {
      fold.failure = report.error
      metrics.commitFailed(this.#cycle.cycle)
      onAlarm(`${report.error.message} Nothing is lost; the processor tries again each second. (${report.error.code})`)
    } else if (report.kind === 'zones') onAlarm(report.warning)
    else if (report.kind === 'dropped') metrics.dropped(this.#cycle.cycle, report.copies)
    else this.#move(partition, fold, report)
  }

  #move(partition: number, fold: Fold, report: Progress): void {
    const { metrics, stalls, clock, logger } = this.#options
    if (fold.progress === undefined) {
      const seconds = (clock.now() - fold.since) / 1000
      metrics.restored(this.#placeOf(partition), seconds)
      logger.info(`${this.#name(partition)} is restored, with ${report.actors} actors, after ${Math.round(seconds)} s.`)
    }
    if (fold.failure !== undefined) logger.info(`${this.#name(partition)} is published again.`)
    fold.progress = report
    fold.failure = undefined
    metrics.record(this.#placeOf(partition), report)
    stalls.recordLogTime(partition, report.logTime)
    this.#pathWarnings.record(partition, report.paths)
  }

  #placeOf(partition: number): FoldPlace {
    return { cycle: this.#cycle.cycle, partition }
  }

  #reportRestore(partition: number, fold: Fold, progress: Extract<PartitionReport, { kind: 'restoring' }>): void {
    const { from, offset, to } = progress
    this.#options.metrics.restoring(this.#placeOf(partition), progress)
    const now = this.#options.clock.now()
    if (now - fold.reportedAt < REPORT_MS) return
    fold.reportedAt = now
    this.#options.logger.info(`${this.#name(partition)} is being restored: offset ${offset}, of ${from} to ${to}.`)
  }
}
