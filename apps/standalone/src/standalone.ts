import type { DynamicModule } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { Registry } from 'prom-client'
import { RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { ActivityLog, Backfill, type DataFolder } from '#event-log'
import { appMetrics, definitionsPart, type LiveDefinition, type Logger, readyGauge, stallGauge, throttled, version } from '#process'
import { openCycleFolder, rebuildText } from '#projections'
import { systemClock } from '#runtime'
import type { Tracing } from '#tracing'
import { EmbeddedIngestModule } from '../../ingest/src/embedded-ingest.module.ts'
import type { AccessOptions } from '../../nest/src/access/access.module.ts'
import { openAccess } from '../../nest/src/access/open-access.ts'
import { MetricsListener } from '../../nest/src/http/metrics-listener.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { liveHttpLimits, liveRates } from '../../nest/src/live-settings.ts'
import { ProcessorModule, type WorkerReport } from '../../processor/src/processor.module.ts'
import { ServingModule } from '../../serving/src/serving.module.ts'
import { archiveMetrics } from './archive-metrics.ts'
import { Archiver } from './archiver.ts'
import { type CycleAdditionOptions, prepareCycle } from './cycle-addition.ts'
import { definitionPaths } from './definition-paths.ts'
import { folderGauges } from './folder-gauges.ts'
import { FolderProbes } from './folder-probes.ts'
import { LogTimeWait } from './log-time-wait.ts'
import { DATA_FOLDER, type StandaloneConfiguration } from './settings.ts'
import { standaloneModule } from './standalone.module.ts'

/** How often refused events that are too old are removed. */
const TRIM_MS = 60_000

/** How the standalone process is started. */
export interface StandaloneSetup {
  readonly configuration: StandaloneConfiguration
  /** The cycles, at least one: rows of an import that name no type of actor are of the first one's. */
  readonly definitions: readonly LiveDefinition[]
  readonly logger: Logger
  /** Called when the process cannot continue and must be closed. */
  readonly onFailure: (failure: RondoError) => void
  readonly tracing?: Tracing | undefined
  readonly reload: AccessOptions['reload']
}

/** A whole Rondo on one data folder, opened and closed as one. */
export class Standalone {
  readonly folder: DataFolder
  readonly log: ActivityLog
  readonly backfill: Backfill
  readonly logTimeWait = new LogTimeWait()
  readonly #setup: StandaloneSetup
  #app: NestFastifyApplication | undefined
  #access: AccessOptions | undefined
  #metricsListener: MetricsListener | undefined
  readonly #probes: FolderProbes
  /** For what is repeated each second. */
  readonly #warnOften: (text: string) => void
  #trimming: NodeJS.Timeout | undefined
  readonly #archiver: Archiver | undefined
  /** The cycles that run. */
  readonly #cycles: LiveDefinition[]

  /** @throws RondoError RONDO_DATA_*: if the folder is in use, of another program, damaged, or not writable */
  constructor(setup: StandaloneSetup) {
    const { configuration, definitions, logger, onFailure } = setup
    const [first, ...others] = definitions.map(({ cycle }) => cycle) as [CompiledCycle, ...CompiledCycle[]]
    this.#setup = setup
    this.#warnOften = throttled((text) => logger.warn(text))
    this.#cycles = [...definitions]
    this.folder = openCycleFolder(configuration.data || DATA_FOLDER, first, ...others)
    this.folder.writer.limitQuarantine({ bytesMax: configuration.quarantineBytesMax, ageMsMax: configuration.quarantineAge })
    this.log = new ActivityLog(this.folder.writer)
    this.#probes = new FolderProbes({
      isCatchingUp: () => this.#app?.get(EmbeddedIngestModule).isCatchingUp ?? false,
      cycles: definitions.map(({ cycle }) => cycle.cycle),
      log: this.log,
      clock: systemClock,
      stallMs: configuration.stall,
      logger,
    })
    const { archive, archiveKeep } = configuration
    if (archive !== '') this.#archiver = new Archiver({ folder: this.folder, archive, keepMs: archiveKeep, clock: systemClock, logger })
    this.backfill = new Backfill({
      log: this.log,
      clock: systemClock,
      // History that would be late for one of the cycles is refused.
      graceMs: Math.min(...definitions.map(({ cycle }) => cycle.graceMs)),
      onEnded: ({ source, rows, stalled }) => {
        if (stalled) logger.warn(`The import of ${source} was ended after ${rows} rows: none came for 15 minutes. Live events continue.`)
      },
      onFailure,
    })
  }

  /**
   * Begins to accept requests.
   * @returns the address
   * @throws RondoError RONDO_PORT_IN_USE
   */
  async listen(): Promise<string> {
    const { configuration, logger, reload, tracing } = this.#setup
    const log = this.folder.adminLog((text) => logger.warn(text))
    const cycles = (): string[] => this.#cycles.map(({ cycle }) => cycle.cycle)
    const { access } = await openAccess({ log, isShared: false, settings: configuration, cycles, reload, logger })
    const metrics = appMetrics('standalone')
    this.#access = access
    this.#app = await newApp(this.#module(access, metrics), configuration, logger, { metrics, tracing })
    const address = await listen(this.#app, configuration)
    this.#metricsListener = await MetricsListener.open(metrics, configuration)
    this.#probes.start()
    this.#trimQuarantine()
    this.#archiver?.start()
    return address
  }

  /** What may change while the process runs. To be called after {@link listen}. */
  get reloading() {
    const [app, access] = [this.#app as NestFastifyApplication, this.#access as AccessOptions]
    const { configuration, definitions } = this.#setup
    let { quarantineBytesMax: bytesMax, quarantineAge: ageMsMax } = configuration
    const limitQuarantine = (): void => this.folder.writer.limitQuarantine({ bytesMax, ageMsMax })
    return {
      live: {
        ...liveHttpLimits(app, configuration),
        ...liveRates(access.gate),
        ...app.get(EmbeddedIngestModule).live,
        stall: (ms: number) => this.#probes.limitStall(ms),
        // The part below adds the cycles.
        definition() {},
        liveClients: (clients: number) => app.get(ServingModule).limitLiveClients(clients),
        quarantineBytesMax(bytes: number) {
          bytesMax = bytes
          limitQuarantine()
        },
        quarantineAge(ms: number) {
          ageMsMax = ms
          limitQuarantine()
        },
      },
      parts: [definitionsPart(definitions, { pathsOf: definitionPaths, add: (live) => prepareCycle(live, this.#additionOptions(app)) })],
      record: (act: Parameters<typeof access.acts.append>[0]) => access.acts.append(act),
    }
  }

  #additionOptions(app: NestFastifyApplication): CycleAdditionOptions {
    const { folder, backfill } = this
    return {
      folder,
      backfill,
      archive: this.#setup.configuration.archive || undefined,
      processor: app.get(ProcessorModule),
      serving: app.get(ServingModule),
      probes: this.#probes,
      onAdded: (live) => void this.#cycles.push(live),
    }
  }

  /** Where the metrics are, as a sentence; empty if they are on the port of the app. */
  get metricsSentence(): string {
    return this.#metricsListener?.sentence ?? ''
  }

  /** Answers open requests, folds accepted events, closes everything. */
  async close(): Promise<void> {
    this.#probes.stop()
    clearTimeout(this.#trimming)
    this.backfill.close()
    await this.#archiver?.stop()
    if (this.#app !== undefined) await closeApp(this.#app)
    await this.#metricsListener?.close()
    await this.folder.close()
  }

  /** Refused events that are too old are removed, also if no other is refused. */
  #trimQuarantine(): void {
    void this.folder.writer.append(0, [], { trimQuarantineAt: systemClock.now() }).catch((failure: RondoError) => {
      // They are removed the next time: a full disk has room by then, or not.
      if (!failure.retriable) this.#setup.onFailure(failure)
    })
    this.#trimming = setTimeout(() => this.#trimQuarantine(), TRIM_MS).unref()
  }

  #module(access: AccessOptions, metrics: Registry): DynamicModule {
    const { configuration, definitions, logger, onFailure, tracing } = this.#setup
    const { log, backfill } = this
    const probes = this.#probes
    stallGauge(metrics, probes.stalls)
    readyGauge(metrics, probes.readiness)
    folderGauges(metrics, this.folder.path)
    archiveMetrics(metrics, () => this.#archiver?.progress, systemClock)
    return standaloneModule({
      ingest: {
        log,
        backfill,
        actorType: definitions[0]?.cycle.actorType,
        clock: systemClock,
        folded: () => probes.folded,
        metrics,
        catchUpMs: configuration.catchUp,
        heldBytesMax: configuration.heldBytesMax,
        rates: access.gate,
        plan: access.plan.plan,
        refused: {
          store: this.folder.refusedStore(),
          acts: this.folder.adminLog(),
          graceMs: () => Math.max(...this.#cycles.map(({ cycle }) => cycle.graceMs)),
        },
        tracing,
        onAlarm: throttled((text) => logger.warn(text)),
        onFailure,
      },
      processor: {
        folder: this.folder.path,
        archive: configuration.archive || undefined,
        cycles: definitions.map(({ cycle, text, file }, at) => {
          const { stateFile = '', failure } = this.folder.states[at] ?? {}
          return { cycle: cycle.cycle, definition: text, file, stateFile, failure: failure && { code: failure.code, message: failure.message } }
        }),
        compiled: definitions.map(({ cycle }) => cycle),
        tracing: tracing && { tracing: configuration.tracing, app: 'standalone', version },
        clock: systemClock,
        metrics,
        onReport: (report) => this.#applyReport(report),
        onFailure,
      },
      serving: {
        folder: this.folder,
        definitions: definitions.map(({ definition }) => definition),
        clock: systemClock,
        metrics,
        plan: access.plan.plan,
        live: { clientsMax: configuration.liveClients },
        embedOrigins: configuration.embedOrigins,
        history: configuration.history === 'off' ? undefined : { logger, archive: configuration.archive || undefined },
      },
      probes,
      access,
    })
  }

  #applyReport(report: WorkerReport): void {
    const { logger } = this.#setup
    const { cycle } = report
    const prefix = this.#cycles.length > 1 ? `Cycle ${cycle}: ` : ''
    if (report.kind === 'refused') logger.warn(`${prefix}${report.message} (${report.code})`)
    else if (report.kind === 'commit-failed') {
      this.#probes.commitFailed(cycle, report)
      this.#warnOften(`${prefix}${report.message} Nothing is lost; the processor tries again each second. (${report.code})`)
    } else if (report.kind === 'failed') {
      this.#probes.ended(cycle, report)
      logger.error(new RondoError(report.code, `The cycle ${cycle} is not folded any more, the others are: ${report.message}`))
    } else if (report.kind === 'rebuild') logger.info(`${prefix}${rebuildText(report.rebuild)}`)
    else if (report.kind === 'zones') logger.warn(`${prefix}${report.warning}`)
    else if ('logTime' in report) this.#probes.committed(cycle, report)
    const { logTime } = this.#probes.folded ?? {}
    if (logTime !== undefined) this.logTimeWait.advance(logTime)
  }
}
