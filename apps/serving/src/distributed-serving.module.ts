import { type DynamicModule, Module } from '@nestjs/common'
import type { Readiness } from '#process'
import type { Quarantine } from '#quarantine'
import { AccessModule, type AccessOptions } from '../../nest/src/access/access.module.ts'
import { healthModule } from '../../nest/src/health.module.ts'
import { QuarantineModule } from '../../nest/src/quarantine/quarantine.module.ts'
import { ServingModule } from './serving.module.ts'

/** What serving on Kafka and Redis consists of. */
interface DistributedServing {
  readonly served: Parameters<typeof ServingModule.over>[0]
  readonly access: AccessOptions
  readonly readiness: Readiness
  readonly quarantine: Quarantine
}

/** Serving on Kafka and Redis, as a Nest application. */
@Module({})
class DistributedServingModule {}

/** Serves a log and read models that several processes share. */
export function distributedServingModule({ served, access, readiness, quarantine }: DistributedServing): DynamicModule {
  const imports = [
    AccessModule.register(access),
    healthModule(readiness),
    QuarantineModule.register(quarantine, { settles: false }),
    ServingModule.over(served),
  ]
  return { module: DistributedServingModule, imports }
}
