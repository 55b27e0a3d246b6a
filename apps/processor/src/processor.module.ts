import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { CompiledCycle } from '#cycle'
import { rebuildGauge } from '#process'
import { Rebuilds, readModelNames } from '#projections'
import type { Clock } from '#runtime'
import { FoldMetrics } from './fold-metrics.ts'
import { Processor, type ProcessorOptions } from './processor.ts'
import type { WorkerReport } from './worker-report.ts'

/** A data folder has only this partition. */
const PARTITION = 0

/** What the module of the embedded processor needs. */
export interface ProcessorModuleOptions extends ProcessorOptions {
  readonly clock: Clock
  readonly cycle: CompiledCycle
  /** Gets the reports of the fold. */
  readonly metrics: Registry
}

/** The fold of one data folder, from the application's start to its end. It ends after ingest, so that the last events are folded too. */
@Module({})
export class ProcessorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(Processor) private readonly processor: Processor) {}

  static register({ clock, cycle, metrics, ...options }: ProcessorModuleOptions): DynamicModule {
    const folds = new FoldMetrics(metrics, { clock, cycles: [cycle] })
    const place = { cycle: cycle.cycle, partition: PARTITION }
    folds.begin(place)
    const rebuilds = new Rebuilds()
    rebuildGauge(metrics, [{ cycle: cycle.cycle, models: readModelNames, rebuilds }])
    const onReport = (report: WorkerReport): void => {
      if (report.kind === 'restoring') folds.restoring(place, report)
      if (report.kind === 'restored') folds.restored(place, report.seconds)
      if (report.kind === 'restored' || report.kind === 'committed') folds.record(place, report)
      if (report.kind === 'commit-failed') folds.commitFailed(cycle.cycle)
      if (report.kind === 'dropped') folds.dropped(cycle.cycle, report.copies)
      if (report.kind === 'rebuild') rebuilds.record(report.rebuild)
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
