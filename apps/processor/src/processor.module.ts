import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { CompiledCycle } from '#cycle'
import { rebuildGauge } from '#process'
import { Rebuilds, readModelNames } from '#projections'
import type { Clock } from '#runtime'
import { FoldMetrics } from './fold-metrics.ts'
import { Processor, type ProcessorOptions } from './processor.ts'
import type { WorkerReport } from './worker-report.ts'

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

/** The folds of one data folder, from the application's start to its end. It ends after ingest, so that the last events are folded too. */
@Module({})
export class ProcessorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(Processor) private readonly processor: Processor) {}

  static register({ clock, compiled, metrics, ...options }: ProcessorModuleOptions): DynamicModule {
    const folds = new FoldMetrics(metrics, { clock, cycles: compiled })
    for (const { cycle } of compiled) folds.begin({ cycle, partition: PARTITION })
    const rebuilds = new Map(compiled.map(({ cycle }) => [cycle, new Rebuilds()]))
    rebuildGauge(
      metrics,
      [...rebuilds].map(([cycle, ofCycle]) => ({ cycle, models: readModelNames, rebuilds: ofCycle })),
    )
    const onReport = (report: WorkerReport): void => {
      applyReport(folds, report)
      if (report.kind === 'rebuild') rebuilds.get(report.cycle)?.record(report.rebuild)
      options.onReport?.(report)
    }
    return { module: ProcessorModule, providers: [{ provide: Processor, useValue: new Processor({ ...options, onReport }) }] }
  }

  onApplicationBootstrap(): void {
    this.processor.start()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.processor.stop()
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
