import { Controller, Get, Header, Inject } from '@nestjs/common'
import { Registry } from 'prom-client'
import { Requires } from './access/requires.ts'

const FORMAT = Registry.PROMETHEUS_CONTENT_TYPE

@Controller('metrics')
@Requires('read')
export class MetricsController {
  constructor(@Inject(Registry) private readonly registry: Registry) {}

  @Get()
  @Header('content-type', FORMAT)
  metrics(): Promise<string> {
    return this.registry.metrics()
  }
}
