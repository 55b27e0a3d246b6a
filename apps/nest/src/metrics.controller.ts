import { Controller, Get, Header, Inject } from '@nestjs/common'
import { Registry } from 'prom-client'
import { z } from 'zod'
import { Requires } from './access/requires.ts'
import { Describes } from './openapi/describes.ts'

const FORMAT = Registry.PROMETHEUS_CONTENT_TYPE

/** The route of the metrics. */
@Controller('metrics')
@Requires('read')
export class MetricsController {
  constructor(@Inject(Registry) private readonly registry: Registry) {}

  @Get()
  @Describes({ summary: 'The metrics of the app, in the format of Prometheus', answer: { 'text/plain': z.string() } })
  @Header('content-type', FORMAT)
  metrics(): Promise<string> {
    return this.registry.metrics()
  }
}
