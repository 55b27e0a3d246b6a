import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common'
import { Gauge, type Registry } from 'prom-client'
import { ActivityLog, Backfill } from '#event-log'
import type { Clock } from '#runtime'
import { BackfillsController } from './backfills.controller.ts'
import { Backfills } from './backfills.ts'
import { CallsController } from './calls.controller.ts'
import { Calls } from './calls.ts'
import { CountedDoor } from './counted-door.ts'
import { FOLDED, HealthController } from './health.controller.ts'
import { Intake, type IntakeOptions } from './intake.ts'
import { IntakeCounts } from './intake-counts.ts'

export { HELD_BYTES_MAX } from './intake.ts'

export interface IngestOptions extends IntakeOptions {
  readonly backfill: Backfill
  readonly clock: Clock
  /** Gets what comes in. */
  readonly metrics: Registry
}

/** What comes in over HTTP, into the log of one data folder. Its writer is open from the application's start to its end. */
@Module({})
export class IngestModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(Intake) private readonly intake: Intake,
    @Inject(Backfill) private readonly backfill: Backfill,
  ) {}

  static register(options: IngestOptions): DynamicModule {
    const intake = new Intake(options)
    const { log, backfill, clock, metrics, folded = () => undefined } = options
    const door = new CountedDoor(intake, new IntakeCounts(metrics))
    heldGauge(metrics, log)
    return {
      module: IngestModule,
      // The fixed paths first: `v1/:call` takes what is left.
      controllers: [HealthController, BackfillsController, CallsController],
      providers: [
        { provide: ActivityLog, useValue: log },
        { provide: FOLDED, useValue: folded },
        { provide: Backfill, useValue: backfill },
        { provide: Intake, useValue: intake },
        { provide: Calls, useValue: new Calls(door) },
        { provide: Backfills, useValue: new Backfills(backfill, clock) },
      ],
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.intake.start()
  }

  /** The server still answers: what was taken in is written first, what comes now is turned away. */
  async beforeApplicationShutdown(): Promise<void> {
    this.backfill.close()
    await this.intake.close()
  }
}

function heldGauge(registry: Registry, log: ActivityLog): void {
  const gauge: Gauge = new Gauge({
    name: 'rondo_held_bytes',
    help: 'Live events that are held on disk until an import ends, in bytes',
    registers: [registry],
    collect: () => void gauge.set(log.state.held?.bytes ?? 0),
  })
}
