import { type DynamicModule, Module } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { Readiness } from '#process'
import { healthModule } from '../../nest/src/health.module.ts'
import { metricsModule } from '../../nest/src/metrics.module.ts'
import { Folds } from './folds.ts'
import { PartitionsController } from './partitions.controller.ts'

/** The processor on Kafka, as a Nest application. */
@Module({})
class DistributedProcessorModule {}

/** The folds of the partitions that the group assigns to this process. */
export function distributedProcessorModule(folds: Folds, readiness: Readiness, metrics: Registry): DynamicModule {
  return {
    module: DistributedProcessorModule,
    imports: [healthModule(readiness), metricsModule(metrics)],
    controllers: [PartitionsController],
    providers: [{ provide: Folds, useValue: folds }],
  }
}
