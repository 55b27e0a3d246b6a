import { type DynamicModule, Module } from '@nestjs/common'
import { IngestModule, type IngestOptions } from '../../ingest/src/ingest.module.ts'
import { ProcessorModule, type ProcessorOptions } from '../../processor/src/processor.module.ts'
import { ServingModule, type ServingOptions } from '../../serving/src/serving.module.ts'

export interface StandaloneOptions {
  readonly ingest: IngestOptions
  readonly processor: ProcessorOptions
  readonly serving: ServingOptions
}

@Module({})
class StandaloneModule {}

/** All of Rondo in one process: the door, the fold, and those who read what it led to. */
export function standaloneModule({ ingest, processor, serving }: StandaloneOptions): DynamicModule {
  const imports = [IngestModule.register(ingest), ProcessorModule.register(processor), ServingModule.register(serving)]
  return { module: StandaloneModule, imports }
}
