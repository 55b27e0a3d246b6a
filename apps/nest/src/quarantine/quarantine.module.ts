import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module } from '@nestjs/common'
import { Quarantine } from '#quarantine'
import { RefusedController } from './refused.controller.ts'
import { ReplayController } from './replay.controller.ts'

/** Refused events over HTTP. */
@Module({})
export class QuarantineModule implements BeforeApplicationShutdown {
  constructor(@Inject(Quarantine) private readonly quarantine: Quarantine) {}

  /** @param settles whether this process also replays and discards */
  static register(quarantine: Quarantine, { settles }: { readonly settles: boolean }): DynamicModule {
    return {
      module: QuarantineModule,
      controllers: settles ? [RefusedController, ReplayController] : [RefusedController],
      providers: [{ provide: Quarantine, useValue: quarantine }],
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.quarantine.close()
  }
}
