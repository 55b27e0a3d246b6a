import { Counter, Histogram, type Registry } from 'prom-client'
import type { RondoError } from '#contracts'
import type { CycleHistory } from '#history'
import { type Logger, valuesGauge } from '#process'

/** How often one failure of a cycle is written to the log, in attempts: with growing pauses, about once in ten minutes. */
const REPEATED_EVERY = 10

const rebuildTexts: Readonly<Record<string, string>> = {
  missing: 'is made from the feed and the log, since there was none',
  layout: 'is made again: it was of another release of Rondo',
  identity: 'is made again: it was of another definition, generation or log',
  damaged: 'is made again: its file was damaged, and is kept beside it (.damaged)',
}

/** What happens to the histories of a process: for its log, and for metrics. */
export class HistoryWatch {
  readonly #logger: Pick<Logger, 'info' | 'warn'>
  readonly #failures = new Map<string, { readonly code: string; times: number }>()
  readonly #rows = new Counter({ name: 'rondo_history_rows_total', help: 'Rows that were written into history', labelNames: ['cycle', 'kind'], registers: [] })
  readonly #seconds = new Histogram({
    name: 'rondo_history_commit_seconds',
    help: 'How long one batch of history takes, from reading it to its commit',
    labelNames: ['cycle'],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [],
  })
  readonly #rebuilds = new Counter({
    name: 'rondo_history_rebuilds_total',
    help: 'Histories that were made from the beginning, by the reason',
    labelNames: ['cycle', 'reason'],
    registers: [],
  })
  readonly #failed = new Counter({
    name: 'rondo_history_failures_total',
    help: 'Failures after which history tried again',
    labelNames: ['cycle'],
    registers: [],
  })

  constructor(logger: Pick<Logger, 'info' | 'warn'>) {
    this.#logger = logger
  }

  /** What a history reports to. */
  reportOf(cycle: string) {
    for (const kind of ['outputs', 'active', 'traits']) this.#rows.inc({ cycle, kind }, 0)
    for (const reason of Object.keys(rebuildTexts)) this.#rebuilds.inc({ cycle, reason }, 0)
    this.#failed.inc({ cycle }, 0)
    this.#seconds.zero({ cycle })
    return {
      rebuilt: (reason: string) => {
        this.#rebuilds.inc({ cycle, reason })
        this.#logger.info(`The history of the cycle ${cycle} ${rebuildTexts[reason]}.`)
      },
      wrote: (rows: Readonly<Record<string, number>>, seconds: number) => {
        for (const [kind, count] of Object.entries(rows)) this.#rows.inc({ cycle, kind }, count)
        this.#seconds.observe({ cycle }, seconds)
        if (this.#failures.delete(cycle)) this.#logger.info(`The history of the cycle ${cycle} is followed again.`)
      },
      failed: (failure: RondoError) => {
        this.#failed.inc({ cycle })
        this.#warn(cycle, failure)
      },
    }
  }

  /** Exposes the metrics. */
  register(registry: Registry, histories: readonly Pick<CycleHistory, 'cycle' | 'completeTo' | 'foldedTo' | 'failure'>[]): void {
    for (const metric of [this.#rows, this.#seconds, this.#rebuilds, this.#failed]) registry.registerMetric(metric as Counter)
    valuesGauge(registry, {
      name: 'rondo_history_lag_seconds',
      help: 'How far history is behind the fold: the log time that is folded less the one up to which history is complete. Absent while it is filled for the first time',
      labelNames: ['cycle'],
      *values() {
        for (const { cycle, completeTo, foldedTo } of histories)
          if (Number.isFinite(completeTo) && Number.isFinite(foldedTo)) yield [{ cycle }, Math.max(0, foldedTo - completeTo) / 1000]
      },
    })
    valuesGauge(registry, {
      name: 'rondo_history_following',
      help: 'Whether history is complete up to some time and follows: 1, or 0 while it is filled or fails',
      labelNames: ['cycle'],
      *values() {
        for (const { cycle, completeTo, failure } of histories) yield [{ cycle }, failure === undefined && Number.isFinite(completeTo) ? 1 : 0]
      },
    })
  }

  #warn(cycle: string, failure: RondoError): void {
    const known = this.#failures.get(cycle)
    const times = known?.code === failure.code ? known.times + 1 : 1
    this.#failures.set(cycle, { code: failure.code, times })
    if (times % REPEATED_EVERY === 1)
      this.#logger.warn(`History of the cycle ${cycle}: ${failure.message} It is tried again; all else goes on. (${failure.code})`)
  }
}
