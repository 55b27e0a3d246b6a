import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { type Instant, outputKinds } from '#contracts'
import { type CompiledCycle, type Disposition, dispositions, type PathCountsRecord, type RemarksRecord } from '#cycle'
import type { CommitSummary } from '#pipeline'
import { ageGauge } from '#process'
import type { Clock } from '#runtime'

/** The report of a partition run. */
export interface FoldReport {
  readonly logTime: Instant
  readonly actors: number
  readonly offset: number
  /** The first record that a restore would read. */
  readonly restoreFrom: number
  readonly events: Readonly<Record<Disposition, number>>
  /** Values that a measure has left out, by measure. */
  readonly skipped: RemarksRecord['skipped']
  /** How many events had a value at the paths of the definition. */
  readonly paths?: PathCountsRecord
  /** The commit that it follows; none after a restore. */
  readonly commit?: CommitSummary
}

/** The fold of a cycle in one partition. */
export interface FoldPlace {
  readonly cycle: string
  readonly partition: number
}

/** What a process folds, and its clock. */
export interface FoldMetricsOptions {
  readonly clock: Clock
  readonly cycles: readonly Pick<CompiledCycle, 'cycle' | 'measures'>[]
}

/** Each import has its own name. The copies of all further names are counted together, so that the metric has a limited size. */
const SOURCES_MAX = 100
/** In seconds: a commit is a write to a disk, or some requests to brokers. */
const COMMIT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const SKIPPED_KINDS = ['numerals', 'beyond', 'others'] as const
/** What an entry of the log is refused for. */
const RECORD_CODES = ['RONDO_RECORD_INVALID', 'RONDO_RECORD_FOREIGN']
const PLACE = ['cycle', 'partition'] as const

const sourceName = (source: string): string => (source === '' ? 'http' : source)

/** Metrics of the folds of a process, for Prometheus. Those of a partition exist while the process folds it. */
export class FoldMetrics {
  readonly #metrics: ReturnType<typeof declare>
  readonly #measures = new Map<string, readonly string[]>()
  readonly #sources = new Set<string>()
  readonly #reports = new Map<string, { readonly place: FoldPlace; readonly report: FoldReport }>()

  constructor(registry: Registry, { clock, cycles }: FoldMetricsOptions) {
    this.#metrics = declare(registry)
    for (const cycle of cycles) this.add(cycle)
    this.#declareTotals(registry)
    const help = 'How far the fold is behind: time since the log time that it has committed. Some seconds are usual, and up to 17 where nothing happens'
    const instants = () => [...this.#reports.values()].map(({ place, report }) => [place, report.logTime] as const)
    ageGauge(registry, { name: 'rondo_log_time_age_seconds', help, labelNames: PLACE, clock, instants })
  }

  /** A cycle is folded in this process: its series begin. */
  add({ cycle, measures }: FoldMetricsOptions['cycles'][number]): void {
    const { commitSeconds, commitFailures, copies } = this.#metrics
    this.#measures.set(
      cycle,
      measures.map(({ id }) => id),
    )
    commitSeconds.zero({ cycle })
    commitFailures.inc({ cycle }, 0)
    copies.inc({ cycle, source: sourceName('') }, 0)
  }

  /** A partition is taken over: its series begin. */
  begin({ cycle, partition }: FoldPlace): void {
    const { outputs, refused, checkpointParts, checkpointBytes, restored, restoreSeconds } = this.#metrics
    const place = { cycle, partition }
    for (const kind of outputKinds) outputs.inc({ ...place, kind }, 0)
    for (const code of RECORD_CODES) refused.inc({ ...place, code }, 0)
    for (const counter of [checkpointParts, checkpointBytes]) counter.inc(place, 0)
    restored.set(place, 0)
    restoreSeconds.set(place, 0)
  }

  /** The share of a restore that is done, from 0 to 1. */
  restoring({ cycle, partition }: FoldPlace, { from, offset, to }: { from: number; offset: number; to: number }): void {
    this.#metrics.restored.set({ cycle, partition }, to > from ? Math.max(0, Math.min(1, (offset - from) / (to - from))) : 0)
  }

  /** @param seconds how long the restore took */
  restored({ cycle, partition }: FoldPlace, seconds: number): void {
    this.#metrics.restored.set({ cycle, partition }, 1)
    this.#metrics.restoreSeconds.set({ cycle, partition }, seconds)
  }

  record({ cycle, partition }: FoldPlace, report: FoldReport): void {
    const place = { cycle, partition }
    this.#reports.set(keyOf(place), { place, report })
    this.#metrics.actors.set(place, report.actors)
    this.#metrics.restoreRecords.set(place, report.offset < 0 ? 0 : report.offset + 1 - report.restoreFrom)
    if (report.commit !== undefined) this.#committed(place, report.commit)
  }

  commitFailed(cycle: string): void {
    this.#metrics.commitFailures.inc({ cycle })
  }

  /** Dropped copies of events, by their source. */
  dropped(cycle: string, copies: ReadonlyMap<string, number>): void {
    for (const [source, count] of copies) {
      if (this.#sources.size < SOURCES_MAX) this.#sources.add(source)
      this.#metrics.copies.inc({ cycle, source: this.#sources.has(source) ? sourceName(source) : 'other' }, count)
    }
  }

  /** The partition is folded by another process from now on. */
  drop({ cycle, partition }: FoldPlace): void {
    const { actors, restored, restoreSeconds, restoreRecords } = this.#metrics
    this.#reports.delete(keyOf({ cycle, partition }))
    for (const gauge of [actors, restored, restoreSeconds, restoreRecords]) gauge.remove({ cycle, partition })
  }

  #committed(place: FoldPlace, { seconds, outputs, refused, checkpoints }: CommitSummary): void {
    const metrics = this.#metrics
    metrics.commitSeconds.observe({ cycle: place.cycle }, seconds)
    for (const [kind, count] of outputs) metrics.outputs.inc({ ...place, kind }, count)
    for (const [code, count] of refused) metrics.refused.inc({ ...place, code }, count)
    metrics.checkpointParts.inc({ ...place }, checkpoints.parts)
    metrics.checkpointBytes.inc({ ...place }, checkpoints.bytes)
  }

  /** Totals that the state of the fold has: they count from the beginning of the log. */
  #declareTotals(registry: Registry): void {
    const registers = [registry]
    const events = new Counter({
      name: 'rondo_folded_events_total',
      help: 'Events of the log by what became of them, since the log began: duplicate ones are copies that were dropped',
      labelNames: [...PLACE, 'disposition'],
      registers,
      collect: () => {
        events.reset()
        for (const { place, report } of this.#reports.values()) {
          for (const disposition of dispositions) events.inc({ ...place, disposition }, report.events[disposition])
        }
      },
    })
    const skipped = new Counter({
      name: 'rondo_values_skipped_total',
      help: 'Values that are left out of sums, averages and extremes, since the log began: text that looks like a number (numerals), too large (beyond), others',
      labelNames: [...PLACE, 'measure', 'kind'],
      registers,
      collect: () => {
        skipped.reset()
        for (const { place, report } of this.#reports.values()) {
          for (const measure of this.#measures.get(place.cycle) ?? []) {
            for (const kind of SKIPPED_KINDS) skipped.inc({ ...place, measure, kind }, report.skipped[measure]?.[kind] ?? 0)
          }
        }
      },
    })
  }
}

const keyOf = ({ cycle, partition }: FoldPlace): string => `${partition} ${cycle}`

function declare(registry: Registry) {
  const at = { labelNames: PLACE, registers: [registry] }
  const ofCycle = { labelNames: ['cycle'] as const, registers: [registry] }
  const restore = 'Restore of the state of a partition'
  return {
    outputs: new Counter({ ...at, name: 'rondo_outputs_total', help: 'Outputs published, by kind', labelNames: [...PLACE, 'kind'] as const }),
    actors: new Gauge({ ...at, name: 'rondo_actors', help: 'Actors in memory' }),
    copies: new Counter({
      ...ofCycle,
      name: 'rondo_copies_dropped_total',
      help: 'Events that were dropped as copies of one with the same id, by their topic or import; http: from HTTP requests',
      labelNames: ['cycle', 'source'] as const,
    }),
    refused: new Counter({
      ...at,
      name: 'rondo_records_refused_total',
      help: 'Entries of the log that the fold refused and put into quarantine, by error code',
      labelNames: [...PLACE, 'code'] as const,
    }),
    commitSeconds: new Histogram({
      ...ofCycle,
      name: 'rondo_commit_duration_seconds',
      help: 'Time of a commit of the fold: outputs, position and checkpoints become durable together',
      buckets: COMMIT_BUCKETS,
    }),
    commitFailures: new Counter({ ...ofCycle, name: 'rondo_commit_failures_total', help: 'Commits that failed and are tried again' }),
    checkpointParts: new Counter({ ...at, name: 'rondo_checkpoint_parts_total', help: 'Buckets of actors whose state was written into a checkpoint' }),
    checkpointBytes: new Counter({ ...at, name: 'rondo_checkpoint_bytes_total', help: 'Bytes of state that were written into checkpoints' }),
    restoreRecords: new Gauge({ ...at, name: 'rondo_restore_backlog_records', help: 'Records of activity that a restore would fold again now' }),
    restored: new Gauge({
      ...at,
      name: 'rondo_restore_progress_ratio',
      help: `${restore}: the part of its records that was read, from 0 to 1; 1 when it is done`,
    }),
    restoreSeconds: new Gauge({ ...at, name: 'rondo_restore_duration_seconds', help: `${restore}: how long the last one took; 0 until it is done` }),
  }
}
