import { Controller, type DynamicModule, Get, Header, Inject, Module } from '@nestjs/common'
import { Registry } from 'prom-client'
import { Requires } from './access/requires.ts'

const FORMAT = Registry.PROMETHEUS_CONTENT_TYPE

@Controller('metrics')
@Requires('read')
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

/** The metrics of an app, at `GET /metrics`, in the format of Prometheus. */
export function metricsModule(registry: Registry): DynamicModule {
  return { module: MetricsModule, controllers: [MetricsController], providers: [{ provide: Registry, useValue: registry }] }
}
