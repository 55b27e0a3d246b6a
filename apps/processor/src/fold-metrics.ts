import { Counter, Gauge, type Registry } from 'prom-client'
import type { Instant } from '#contracts'
import type { Disposition, RemarksRecord } from '#cycle'
import { ageGauge } from '#process'
import type { Clock } from '#runtime'

/** The report of a partition run. */
export interface FoldReport {
  readonly logTime: Instant
  readonly actors: number
  readonly outputs?: number
  readonly events: Readonly<Record<Disposition, number>>
  /** Values that a measure has left out, by measure. */
  readonly skipped: RemarksRecord['skipped']
}

/** Each import has its own name. The copies of all further names are counted together, so that the metric has a limited size. */
const SOURCES_MAX = 100

/** Metrics of the folds of a process, for Prometheus. */
export class FoldMetrics {
  readonly #outputs: Counter<'partition'>
  readonly #actors: Gauge<'partition'>
  readonly #copies: Counter<'source'>
  readonly #sources = new Set<string>()
  readonly #logTimes = new Map<number, Instant>()
  readonly #events = new Map<number, FoldReport['events']>()
  readonly #skipped = new Map<number, FoldReport['skipped']>()

  constructor(registry: Registry, clock: Clock) {
    const labelNames = ['partition'] as const
    const registers = [registry]
    this.#outputs = new Counter({ name: 'rondo_outputs_total', help: 'Transitions, notices and retractions published', labelNames, registers })
    this.#actors = new Gauge({ name: 'rondo_actors', help: 'Actors in memory', labelNames, registers })
    this.#copies = new Counter({
      name: 'rondo_copies_dropped_total',
      help: 'Events that were dropped as copies of one with the same id, by their topic or import; http: from HTTP requests',
      labelNames: ['source'],
      registers,
    })
    const events = new Counter({
      name: 'rondo_folded_events_total',
      help: 'Events of the log by what became of them, since the log began: duplicate ones are copies that were dropped',
      labelNames: ['partition', 'disposition'],
      registers,
      collect: () => {
        events.reset()
        for (const [partition, counts] of this.#events) for (const [disposition, count] of Object.entries(counts)) events.inc({ partition, disposition }, count)
      },
    })
    const skipped = new Counter({
      name: 'rondo_values_skipped_total',
      help: 'Values that are left out of sums, averages and extremes, since the log began: text that looks like a number (numerals), too large (beyond), others',
      labelNames: ['partition', 'measure', 'kind'],
      registers,
      collect: () => {
        skipped.reset()
        for (const { count, ...labels } of this.#skippedValues()) skipped.inc(labels, count)
      },
    })
    const help = 'How far the fold is behind: time since the log time that it has committed. Some seconds are usual, and up to 17 where nothing happens'
    ageGauge(registry, { name: 'rondo_log_time_age_seconds', help, clock, instants: () => this.#logTimes })
  }

  record(partition: number, { logTime, actors, events, skipped, outputs = 0 }: FoldReport): void {
    this.#events.set(partition, events)
    this.#skipped.set(partition, skipped)
    this.#logTimes.set(partition, logTime)
    this.#actors.set({ partition }, actors)
    this.#outputs.inc({ partition }, outputs)
  }

  /** Dropped copies of events, by their source. */
  dropped(copies: ReadonlyMap<string, number>): void {
    for (const [source, count] of copies) {
      if (this.#sources.size < SOURCES_MAX) this.#sources.add(source)
      const name = source === '' ? 'http' : source
      this.#copies.inc({ source: this.#sources.has(source) ? name : 'other' }, count)
    }
  }

  /** The partition is folded by another process from now on. */
  drop(partition: number): void {
    this.#logTimes.delete(partition)
    this.#events.delete(partition)
    this.#skipped.delete(partition)
    this.#actors.remove({ partition })
  }

  *#skippedValues(): Generator<{ partition: number; measure: string; kind: string; count: number }> {
    for (const [partition, measures] of this.#skipped) {
      for (const [measure, kinds] of Object.entries(measures)) for (const [kind, count] of Object.entries(kinds)) yield { partition, measure, kind, count }
    }
  }
}
