import { type DynamicModule, Module } from '@nestjs/common'
import { EmbeddedIngestModule, type EmbeddedIngestOptions } from '../../ingest/src/embedded-ingest.module.ts'
import { AccessModule, type AccessOptions } from '../../nest/src/access/access.module.ts'
import { healthModule } from '../../nest/src/health.module.ts'
import { ProcessorModule, type ProcessorModuleOptions } from '../../processor/src/processor.module.ts'
import { ServingModule, type ServingOptions } from '../../serving/src/serving.module.ts'
import type { FolderProbes } from './folder-probes.ts'

/** What the standalone process consists of. */
export interface StandaloneOptions {
  readonly ingest: EmbeddedIngestOptions
  readonly processor: ProcessorModuleOptions
  readonly serving: ServingOptions
  readonly probes: Pick<FolderProbes, 'readiness' | 'details' | 'note'>
  readonly access: AccessOptions
}

/** Ingest, processor and serving in one Nest application. */
@Module({})
class StandaloneModule {}

/** All of Rondo in one process: ingest, the fold, and serving. */
export function standaloneModule({ ingest, processor, serving, probes, access }: StandaloneOptions): DynamicModule {
  const imports = [
    AccessModule.register(access),
    healthModule(
      probes.readiness,
      () => probes.details(),
      () => probes.note,
    ),
    EmbeddedIngestModule.register(ingest),
    ProcessorModule.register(processor),
    ServingModule.register(serving),
  ]
  return { module: StandaloneModule, imports }
}
