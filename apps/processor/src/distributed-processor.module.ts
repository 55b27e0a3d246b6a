import { type DynamicModule, Module } from '@nestjs/common'
import type { Readiness } from '#process'
import { healthModule } from '../../nest/src/health.module.ts'
import { CycleFolds } from './cycle-folds.ts'
import { PartitionsController } from './partitions.controller.ts'

/** The processor on Kafka, as a Nest application. */
@Module({})
class DistributedProcessorModule {}

/** The folds of the partitions that the group assigns to this process. */
export function distributedProcessorModule(folds: CycleFolds, readiness: Readiness): DynamicModule {
  return {
    module: DistributedProcessorModule,
    imports: [healthModule(readiness, undefined, () => folds.note)],
    controllers: [PartitionsController],
    providers: [{ provide: CycleFolds, useValue: folds }],
  }
}
