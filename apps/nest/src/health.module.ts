import { type DynamicModule, Module } from '@nestjs/common'
import type { Readiness } from '#process'
import { DETAILS, HealthController, READINESS } from './health.controller.ts'

@Module({})
class HealthModule {}

/** @param details what `GET /v1/health` answers beside the status */
export function healthModule(readiness: Readiness, details: () => object = () => ({})): DynamicModule {
  const providers = [
    { provide: READINESS, useValue: readiness },
    { provide: DETAILS, useValue: details },
  ]
  return { module: HealthModule, controllers: [HealthController], providers }
}
