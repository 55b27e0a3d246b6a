import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { CompiledCycle } from '#cycle'
import { type CycleRebuilds, rebuildGauge } from '#process'
import { Rebuilds, readModelNames } from '#projections'
import type { Clock } from '#runtime'
import { FoldMetrics } from './fold-metrics.ts'
import { Processor, type ProcessorOptions } from './processor.ts'
import type { FoldedCycle, WorkerReport } from './worker-report.ts'

export type { WorkerReport }

/** A data folder has only this partition. */
const PARTITION = 0

/** What the module of the embedded processor needs. */
export interface ProcessorModuleOptions extends ProcessorOptions {
  readonly clock: Clock
  /** The cycles that are folded, in the order of the definitions. */
  readonly compiled: readonly CompiledCycle[]
  /** Gets the reports of the fold. */
  readonly metrics: Registry
}

/** The processor of a data folder, with the metrics of its folds. */
class MeasuredProcessor {
  readonly processor: Processor
  readonly #folds: FoldMetrics
  readonly #rebuilds = new Map<string, Rebuilds>()
  readonly #gauged: CycleRebuilds[] = []

  constructor({ clock, compiled, metrics, ...options }: ProcessorModuleOptions) {
    this.#folds = new FoldMetrics(metrics, { clock, cycles: [] })
    rebuildGauge(metrics, this.#gauged)
    for (const cycle of compiled) this.#measure(cycle)
    const onReport = (report: WorkerReport): void => {
      applyReport(this.#folds, report)
      if (report.kind === 'rebuild') this.#rebuilds.get(report.cycle)?.record(report.rebuild)
      options.onReport?.(report)
    }
    this.processor = new Processor({ ...options, onReport })
  }

  add(folded: FoldedCycle, compiled: CompiledCycle): void {
    this.#measure(compiled)
    this.processor.add(folded)
  }

  #measure(compiled: CompiledCycle): void {
    const { cycle } = compiled
    this.#folds.add(compiled)
    this.#folds.begin({ cycle, partition: PARTITION })
    const rebuilds = new Rebuilds()
    this.#rebuilds.set(cycle, rebuilds)
    this.#gauged.push({ cycle, models: readModelNames, rebuilds })
  }
}

/** The folds of one data folder, from the application's start to its end. It ends after ingest, so that the last events are folded too. */
@Module({})
export class ProcessorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(MeasuredProcessor) private readonly measured: MeasuredProcessor) {}

  static register(options: ProcessorModuleOptions): DynamicModule {
    return { module: ProcessorModule, providers: [{ provide: MeasuredProcessor, useValue: new MeasuredProcessor(options) }] }
  }

  /** Folds another cycle too, beside the others. */
  add(folded: FoldedCycle, compiled: CompiledCycle): void {
    this.measured.add(folded, compiled)
  }

  onApplicationBootstrap(): void {
    this.measured.processor.start()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.measured.processor.stop()
  }
}

function applyReport(folds: FoldMetrics, report: WorkerReport): void {
  const { cycle } = report
  const place = { cycle, partition: PARTITION }
  if (report.kind === 'restoring') folds.restoring(place, report)
  if (report.kind === 'restored') folds.restored(place, report.seconds)
  if (report.kind === 'restored' || report.kind === 'committed') folds.record(place, report)
  if (report.kind === 'commit-failed') folds.commitFailed(cycle)
  if (report.kind === 'dropped') folds.dropped(cycle, report.copies)
  if (report.kind === 'failed') folds.drop(place)
}
