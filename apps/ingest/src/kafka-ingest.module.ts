import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common'
import type { Registry } from 'prom-client'
import { RondoError } from '#contracts'
import type { EventBuffer } from '#event-log'
import { defectGauge, type LogPoller, readyGauge } from '#process'
import type { Quarantine } from '#quarantine'
import { AccessModule, type AccessOptions } from '../../nest/src/access/access.module.ts'
import { planCheck } from '../../nest/src/access/plan-check.ts'
import { healthModule } from '../../nest/src/health.module.ts'
import { QuarantineModule } from '../../nest/src/quarantine/quarantine.module.ts'
import { quarantineGauges } from '../../nest/src/quarantine/quarantine-gauges.ts'
import { Admission, type AdmissionOptions } from './admission/admission.ts'
import { IngestCounts } from './admission/ingest-counts.ts'
import { waitingGauges } from './admission/waiting-gauges.ts'
import { CallsController } from './calls/calls.controller.ts'
import { Calls } from './calls/calls.ts'
import { bufferGauges, bufferNote, fullBuffer } from './kafka/buffer-probes.ts'
import { KafkaBackfillsController } from './kafka/kafka-backfills.controller.ts'
import { sourceGauges } from './sources/source-gauges.ts'
import { Sources } from './sources/sources.ts'

/** The parts of an ingest process on Kafka. */
export interface KafkaIngestOptions extends Omit<AdmissionOptions, 'counts'> {
  /** Sources that are read beside HTTP. */
  readonly sources: Sources
  readonly access: AccessOptions
  readonly quarantine: Quarantine
  /** Gets what comes in. */
  readonly metrics: Registry
  /** Where events wait while the log does not answer. */
  readonly buffer?: EventBuffer | undefined
  /** Polls the topics. */
  readonly poller: Pick<LogPoller, 'unreadyReason' | 'explained' | 'defects'>
}

/** HTTP requests into a log of many partitions. Its writer is open from the application's start to its end. */
@Module({})
export class KafkaIngestModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(Admission) private readonly admission: Admission,
    @Inject(Sources) private readonly sources: Sources,
    @Inject(IngestCounts) private readonly counts: IngestCounts,
  ) {}

  static register({ sources, poller, access, quarantine, buffer, metrics, ...options }: KafkaIngestOptions): DynamicModule {
    const counts = new IngestCounts(metrics)
    const admission = new Admission({ ...options, counts })
    defectGauge(metrics, poller)
    bufferGauges(metrics, buffer, options.log.clock)
    waitingGauges(metrics, admission, options.log)
    quarantineGauges(metrics, quarantine)
    sourceGauges(metrics, sources, options.log.clock)
    const readiness = () => poller.explained(unreadyReason(admission) ?? poller.unreadyReason ?? (buffer && fullBuffer(buffer)))
    readyGauge(metrics, readiness)
    const note = () => buffer && bufferNote(buffer, options.log.clock)
    return {
      module: KafkaIngestModule,
      imports: [AccessModule.register(access), QuarantineModule.register(quarantine, { settles: true }), healthModule(readiness, undefined, note)],
      controllers: [KafkaBackfillsController, CallsController],
      providers: [
        { provide: Admission, useValue: admission },
        { provide: Sources, useValue: sources },
        { provide: IngestCounts, useValue: counts },
        { provide: Calls, useValue: new Calls(admission, { rates: access.gate, check: planCheck(access.plan.plan) }) },
      ],
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.admission.start(() => this.sources.prepare())
    this.sources.start({ check: () => this.admission.check(), onTaken: (records) => this.counts.taken(records) })
  }

  /** The server still answers: accepted requests are written first, new ones are refused. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.sources.close()
    await this.admission.close()
  }
}

/** Why admission accepts no request now; undefined if it does. */
function unreadyReason(admission: Admission): string | undefined {
  try {
    admission.check()
    return undefined
  } catch (error) {
    return error instanceof RondoError ? error.message : String(error)
  }
}
