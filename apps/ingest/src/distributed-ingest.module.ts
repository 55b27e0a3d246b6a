import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common'
import { RondoError } from '#contracts'
import { healthModule } from '../../chassis/src/health.module.ts'
import { faultGauge, type LogLookout } from '../../chassis/src/log-lookout.ts'
import { appMetrics, metricsModule } from '../../chassis/src/metrics.module.ts'
import { CallsController } from './calls.controller.ts'
import { Calls } from './calls.ts'
import { CountedDoor } from './counted-door.ts'
import { DistributedIntake, type DistributedIntakeOptions } from './distributed-intake.ts'
import { IntakeCounts } from './intake-counts.ts'
import type { Sources } from './sources/sources.ts'

export interface DistributedIngestOptions extends DistributedIntakeOptions {
  /** Topics of others that are read beside it. */
  readonly sources?: Sources | undefined
  /** Looks at the topics, from the outside. */
  readonly lookout: Pick<LogLookout, 'obstacle' | 'faults'>
}

const SOURCES = Symbol('sources')

/** What comes in over HTTP, into a log of many partitions. Its writer is open from the application's start to its end. */
@Module({})
export class DistributedIngestModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(DistributedIntake) private readonly intake: DistributedIntake,
    @Inject(SOURCES) private readonly sources: Sources | null,
    @Inject(IntakeCounts) private readonly counts: IntakeCounts,
  ) {}

  static register({ sources, lookout, ...options }: DistributedIngestOptions): DynamicModule {
    const intake = new DistributedIntake(options)
    const metrics = appMetrics()
    const counts = new IntakeCounts(metrics)
    faultGauge(metrics, lookout)
    return {
      module: DistributedIngestModule,
      imports: [healthModule(() => obstacle(intake) ?? lookout.obstacle), metricsModule(metrics)],
      controllers: [CallsController],
      providers: [
        { provide: DistributedIntake, useValue: intake },
        { provide: SOURCES, useValue: sources ?? null },
        { provide: IntakeCounts, useValue: counts },
        { provide: Calls, useValue: new Calls(new CountedDoor(intake, counts)) },
      ],
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.intake.start(async () => this.sources?.prepare())
    this.sources?.start({ check: () => this.intake.check(), onTaken: (records) => this.counts.taken(records) })
  }

  /** The server still answers: what was taken in is written first, what comes now is turned away. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.sources?.close()
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
