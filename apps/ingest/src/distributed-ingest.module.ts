import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common'
import { RondoError } from '#contracts'
import { healthModule } from '../../chassis/src/health.module.ts'
import { CallsController } from './calls.controller.ts'
import { Calls } from './calls.ts'
import { DistributedIntake, type DistributedIntakeOptions } from './distributed-intake.ts'

/** What comes in over HTTP, into a log of many partitions. Its writer is open from the application's start to its end. */
@Module({})
export class DistributedIngestModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(@Inject(DistributedIntake) private readonly intake: DistributedIntake) {}

  static register(options: DistributedIntakeOptions): DynamicModule {
    const intake = new DistributedIntake(options)
    return {
      module: DistributedIngestModule,
      imports: [healthModule(() => obstacle(intake))],
      controllers: [CallsController],
      providers: [
        { provide: DistributedIntake, useValue: intake },
        { provide: Calls, useValue: new Calls(intake) },
      ],
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.intake.start()
  }

  /** The server still answers: what was taken in is written first, what comes now is turned away. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.intake.close()
  }
}

function obstacle(intake: DistributedIntake): string | undefined {
  try {
    intake.check()
    return undefined
  } catch (failure) {
    return failure instanceof RondoError ? failure.message : String(failure)
  }
}
