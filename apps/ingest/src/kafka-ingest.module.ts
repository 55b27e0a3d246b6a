import { type BeforeApplicationShutdown, type DynamicModule, Inject, Module, type OnApplicationBootstrap } from '@nestjs/common'
import { RondoError } from '#contracts'
import { appMetrics, defectGauge, type LogPoller } from '#process'
import { healthModule } from '../../nest/src/health.module.ts'
import { metricsModule } from '../../nest/src/metrics.module.ts'
import { Admission, type AdmissionOptions } from './admission.ts'
import { CallsController } from './calls.controller.ts'
import { Calls } from './calls.ts'
import { IngestCounts } from './ingest-counts.ts'
import type { Sources } from './sources/sources.ts'

export interface KafkaIngestOptions extends Omit<AdmissionOptions, 'counts'> {
  /** Topics of others that are read beside it. */
  readonly sources?: Sources | undefined
  /** Looks at the topics, from the outside. */
  readonly poller: Pick<LogPoller, 'unreadyReason' | 'defects'>
}

const SOURCES = Symbol('sources')

/** What comes in over HTTP, into a log of many partitions. Its writer is open from the application's start to its end. */
@Module({})
export class KafkaIngestModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(Admission) private readonly admission: Admission,
    @Inject(SOURCES) private readonly sources: Sources | null,
    @Inject(IngestCounts) private readonly counts: IngestCounts,
  ) {}

  static register({ sources, poller, ...options }: KafkaIngestOptions): DynamicModule {
    const metrics = appMetrics()
    const counts = new IngestCounts(metrics)
    const admission = new Admission({ ...options, counts })
    defectGauge(metrics, poller)
    return {
      module: KafkaIngestModule,
      imports: [healthModule(() => unreadyReason(admission) ?? poller.unreadyReason), metricsModule(metrics)],
      controllers: [CallsController],
      providers: [
        { provide: Admission, useValue: admission },
        { provide: SOURCES, useValue: sources ?? null },
        { provide: IngestCounts, useValue: counts },
        { provide: Calls, useValue: new Calls(admission) },
      ],
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.admission.start(async () => this.sources?.prepare())
    this.sources?.start({ check: () => this.admission.check(), onTaken: (records) => this.counts.taken(records) })
  }

  /** The server still answers: what was taken in is written first, what comes now is turned away. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.sources?.close()
    await this.admission.close()
  }
}

function unreadyReason(admission: Admission): string | undefined {
  try {
    admission.check()
    return undefined
  } catch (error) {
    return error instanceof RondoError ? error.message : String(error)
  }
}
