import { type DynamicModule, Module } from '@nestjs/common'
import type { Readiness } from '#process'
import { DETAILS, HealthController, NOTE, READINESS } from './health.controller.ts'

/** The probes of an app. */
@Module({})
class HealthModule {}

/**
 * @param details what `GET /v1/health` answers beside the status
 * @param note what people should know of a process that is ready
 */
export function healthModule(readiness: Readiness, details: () => object = () => ({}), note: Readiness = () => undefined): DynamicModule {
  const providers = [
    { provide: READINESS, useValue: readiness },
    { provide: DETAILS, useValue: details },
    { provide: NOTE, useValue: note },
  ]
  return { module: HealthModule, controllers: [HealthController], providers }
}
