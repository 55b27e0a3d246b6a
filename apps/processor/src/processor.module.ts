import { type DynamicModule, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { Processor, type ProcessorOptions } from './processor.ts'

export type { ProcessorOptions } from './processor.ts'

/** The fold of one data folder, from the application's start to its end: it outlives the door, so that what came last is folded too. */
@Module({})
export class ProcessorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(Processor) private readonly processor: Processor) {}

  static register(options: ProcessorOptions): DynamicModule {
    return { module: ProcessorModule, providers: [{ provide: Processor, useValue: new Processor(options) }] }
  }

  onApplicationBootstrap(): void {
    this.processor.start()
  }

  async onApplicationShutdown(): Promise<void> {
    await this.processor.stop()
  }
}
