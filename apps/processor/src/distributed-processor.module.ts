import { type DynamicModule, Module } from '@nestjs/common'
import { healthModule, type Readiness } from '../../chassis/src/health.module.ts'
import { Folds } from './folds.ts'
import { PartitionsController } from './partitions.controller.ts'

@Module({})
class DistributedProcessorModule {}

/** The folds of the partitions that a group leaves with this process. */
export function distributedProcessorModule(folds: Folds, readiness: Readiness): DynamicModule {
  return {
    module: DistributedProcessorModule,
    imports: [healthModule(readiness)],
    controllers: [PartitionsController],
    providers: [{ provide: Folds, useValue: folds }],
  }
}
