import { type DynamicModule, Module } from '@nestjs/common'
import type { Registry } from 'prom-client'
import { EmbeddedIngestModule, type EmbeddedIngestOptions } from '../../ingest/src/embedded-ingest.module.ts'
import { AccessModule, type AccessOptions } from '../../nest/src/access/access.module.ts'
import { metricsModule } from '../../nest/src/metrics.module.ts'
import { ProcessorModule, type ProcessorModuleOptions } from '../../processor/src/processor.module.ts'
import { ServingModule, type ServingOptions } from '../../serving/src/serving.module.ts'

export interface StandaloneOptions {
  readonly ingest: EmbeddedIngestOptions
  readonly processor: ProcessorModuleOptions
  readonly serving: ServingOptions
  readonly metrics: Registry
  readonly access: AccessOptions
}

@Module({})
class StandaloneModule {}

/** All of Rondo in one process: ingest, the fold, and serving. */
export function standaloneModule({ ingest, processor, serving, metrics, access }: StandaloneOptions): DynamicModule {
  const imports = [
    AccessModule.register(access),
    metricsModule(metrics),
    EmbeddedIngestModule.register(ingest),
    ProcessorModule.register(processor),
    ServingModule.register(serving),
  ]
  return { module: StandaloneModule, imports }
}
