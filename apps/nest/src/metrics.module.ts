import { Controller, type DynamicModule, Get, Header, Inject, Module } from '@nestjs/common'
import { Registry } from 'prom-client'

const FORMAT = Registry.PROMETHEUS_CONTENT_TYPE

@Controller('metrics')
class MetricsController {
  constructor(@Inject(Registry) private readonly registry: Registry) {}

  @Get()
  @Header('content-type', FORMAT)
  metrics(): Promise<string> {
    return this.registry.metrics()
  }
}

@Module({})
class MetricsModule {}

/** What an app measures, at `GET /metrics` as Prometheus reads it. */
export function metricsModule(registry: Registry): DynamicModule {
  return { module: MetricsModule, controllers: [MetricsController], providers: [{ provide: Registry, useValue: registry }] }
}
