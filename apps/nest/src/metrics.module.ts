import { type DynamicModule, Module } from '@nestjs/common'
import { Registry } from 'prom-client'
import { MetricsController } from './metrics.controller.ts'

/** The metrics of an app. */
@Module({})
class MetricsModule {}

/** The metrics of an app, at `GET /metrics`, in the format of Prometheus. */
export function metricsModule(registry: Registry): DynamicModule {
  return { module: MetricsModule, controllers: [MetricsController], providers: [{ provide: Registry, useValue: registry }] }
}
