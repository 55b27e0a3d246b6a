import { type DynamicModule, Module } from '@nestjs/common'
import { healthModule, type Readiness } from '../../chassis/src/health.module.ts'
import { ServingModule } from './serving.module.ts'

@Module({})
class DistributedServingModule {}

/** What is served of a log and read models that others share. */
export function distributedServingModule(served: Parameters<typeof ServingModule.over>[0], readiness: Readiness): DynamicModule {
  return { module: DistributedServingModule, imports: [healthModule(readiness), ServingModule.over(served)] }
}
