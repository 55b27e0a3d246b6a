import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common'
import { Gauge, type Registry } from 'prom-client'
import type { Gate } from '#access'
import type { Instant } from '#contracts'
import { type ActivityLog, Backfill, type FoldTimes } from '#event-log'
import { type FoldNow, Quarantine, type QuarantineOptions } from '#quarantine'
import type { Tracing } from '#tracing'
import type { Plan } from '#tracking-plan'
import { planCheck } from '../../nest/src/access/plan-check.ts'
import { QuarantineModule } from '../../nest/src/quarantine/quarantine.module.ts'
import { quarantineGauges } from '../../nest/src/quarantine/quarantine-gauges.ts'
import { Admission } from './admission/admission.ts'
import { IngestCounts } from './admission/ingest-counts.ts'
import { waitingGauges } from './admission/waiting-gauges.ts'
import { BackfillsController } from './backfills/backfills.controller.ts'
import { Backfills } from './backfills/backfills.ts'
import { HistoryUploads } from './backfills/history-uploads.ts'
import { CallsController } from './calls/calls.controller.ts'
import { Calls } from './calls/calls.ts'
import { embeddedAdmission } from './embedded/embedded-admission.ts'
import { EmbeddedIngestLog, type EmbeddedIngestLogOptions } from './embedded/embedded-ingest-log.ts'

export { HELD_BYTES_MAX } from './embedded/embedded-ingest-log.ts'

/** The parts of the standalone process that ingest works with. */
export interface EmbeddedIngestOptions extends EmbeddedIngestLogOptions {
  readonly backfill: Backfill
  /** The actor type of the cycle, for rows of a history without one. */
  readonly actorType?: string | undefined
  /** How far the log has been folded, if it is known. */
  readonly folded: () => FoldTimes | undefined
  readonly catchUpMs: number
  /** Gets what comes in. */
  readonly metrics: Registry
  /** Refused events, the acts that settled them, and the grace of the definitions that fold the log now. */
  readonly refused: Pick<QuarantineOptions, 'store' | 'acts'> & { readonly graceMs: () => number }
  /** The limits of the events that a key may send. */
  readonly rates?: Pick<Gate, 'countEvents'> | undefined
  /** The tracking plan that events are checked against. */
  readonly plan?: Plan | undefined
  readonly tracing?: Pick<Tracing, 'accept'> | undefined
}

/** HTTP requests into the log of one data folder. Its writer is open from the application's start to its end. */
@Module({})
export class EmbeddedIngestModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(Admission) private readonly admission: Admission,
    @Inject(Backfill) private readonly backfill: Backfill,
    @Inject(EmbeddedIngestLog) private readonly ingestLog: EmbeddedIngestLog,
  ) {}

  static register(options: EmbeddedIngestOptions): DynamicModule {
    const { log, backfill, clock, refused, metrics, folded, catchUpMs, rates, plan, actorType = 'user', tracing, onAlarm } = options
    const ingestLog = new EmbeddedIngestLog(options)
    const quarantine = new Quarantine({
      ...refused,
      folds: async () => () => foldOf(log.state.logTime, refused.graceMs()),
      contract: plan && planCheck(plan),
      settler: ingestLog,
      clock: ingestLog.clock,
    })
    const admission = embeddedAdmission(ingestLog, { catchUpMs, folded: () => [folded()], counts: new IngestCounts(metrics), tracing, onAlarm })
    heldGauge(metrics, log)
    waitingGauges(metrics, admission, ingestLog)
    quarantineGauges(metrics, quarantine)
    return {
      module: EmbeddedIngestModule,
      imports: [QuarantineModule.register(quarantine, { settles: true })],
      controllers: [BackfillsController, CallsController],
      providers: [
        { provide: Backfill, useValue: backfill },
        { provide: Admission, useValue: admission },
        { provide: EmbeddedIngestLog, useValue: ingestLog },
        { provide: Calls, useValue: new Calls(admission, { rates, check: plan && planCheck(plan) }) },
        { provide: Backfills, useValue: new Backfills(backfill, clock) },
        { provide: HistoryUploads, useValue: new HistoryUploads({ backfill, clock, actorType }) },
      ],
    }
  }

  /** Whether time waits for the events that clients have buffered during an outage. */
  get isCatchingUp(): boolean {
    return this.admission.isCatchingUp
  }

  /** What a change of the settings of ingest does while it runs. */
  get live() {
    return {
      catchUp: (ms: number) => this.admission.limitCatchUp(ms),
      heldBytesMax: (bytes: number) => this.ingestLog.limitHeld(bytes),
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.admission.start()
  }

  /** The server still answers: accepted requests are written first, new ones are refused. */
  async beforeApplicationShutdown(): Promise<void> {
    this.backfill.close()
    await this.admission.close()
  }
}

/** T at the end of the present log: the fold comes to it before it comes to what is written now. Before the first tick nothing is late because of T. */
const foldOf = (logTime: Instant | null, graceMs: number): FoldNow => ({ logTime: logTime ?? Number.NEGATIVE_INFINITY, graceMs })

function heldGauge(registry: Registry, log: ActivityLog): void {
  const gauge: Gauge = new Gauge({
    name: 'rondo_held_bytes',
    help: 'Live events that are held on disk until an import ends, in bytes',
    registers: [registry],
    collect: () => void gauge.set(log.state.held?.bytes ?? 0),
  })
}
