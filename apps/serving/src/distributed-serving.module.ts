import { type DynamicModule, Module } from '@nestjs/common'
import type { Registry } from 'prom-client'
import type { Readiness } from '#process'
import { healthModule } from '../../nest/src/health.module.ts'
import { metricsModule } from '../../nest/src/metrics.module.ts'
import { ServingModule } from './serving.module.ts'

@Module({})
class DistributedServingModule {}

/** Serves a log and read models that several processes share. */
export function distributedServingModule(served: Parameters<typeof ServingModule.over>[0], readiness: Readiness, metrics: Registry): DynamicModule {
  return { module: DistributedServingModule, imports: [healthModule(readiness), metricsModule(metrics), ServingModule.over(served)] }
}
