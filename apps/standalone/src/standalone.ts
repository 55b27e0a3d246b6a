import type { DynamicModule } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { Gate, Keys } from '#access'
import type { RondoError } from '#contracts'
import { ActivityLog, Backfill, type DataFolder, SqliteAdminLog } from '#event-log'
import { appMetrics, type LiveDefinition, type Logger, stallGauge, throttled } from '#process'
import { openCycleFolder, rebuildText } from '#projections'
import { systemClock } from '#runtime'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { FolderProbes } from './folder-probes.ts'
import { needsKeys } from './key-setting.ts'
import { LogTimeWait } from './log-time-wait.ts'
import type { StandaloneConfiguration } from './settings.ts'
import { standaloneModule } from './standalone.module.ts'

/** After a pause, a client may send what it has gathered. */
const BURST_S = 5
/** A data folder is one environment. */
const ENVIRONMENT = 'production'
const DATA_FOLDER = 'data'

export interface StandaloneSetup {
  readonly configuration: StandaloneConfiguration
  readonly definition: LiveDefinition
  readonly logger: Logger
  /** Called when it cannot continue and must be closed. */
  readonly onFailure: (failure: RondoError) => void
}

/** A whole Rondo on one data folder, opened and closed as one. */
export class Standalone {
  readonly folder: DataFolder
  readonly log: ActivityLog
  readonly backfill: Backfill
  readonly logTimeWait = new LogTimeWait()
  readonly #setup: StandaloneSetup
  #app: NestFastifyApplication | undefined
  readonly #probes: FolderProbes

  /** @throws RondoError RONDO_DATA_*: where the folder is in use, foreign, damaged, or cannot be written */
  constructor(setup: StandaloneSetup) {
    const { configuration, definition, logger, onFailure } = setup
    this.#setup = setup
    this.folder = openCycleFolder(configuration.data || DATA_FOLDER, definition.cycle)
    this.log = new ActivityLog(this.folder.writer)
    this.#probes = new FolderProbes({ log: this.log, clock: systemClock, stallMs: configuration.stall, logger })
    this.backfill = new Backfill({
      log: this.log,
      clock: systemClock,
      graceMs: definition.cycle.graceMs,
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
    const { configuration, logger } = this.#setup
    this.#app = await newApp(this.#module(await this.#openKeys()), configuration, logger)
    const address = await listen(this.#app, configuration)
    this.#probes.start()
    return address
  }

  /** Answers open requests, folds accepted events, closes everything. */
  async close(): Promise<void> {
    this.#probes.stop()
    this.backfill.close()
    if (this.#app !== undefined) await closeApp(this.#app)
    await this.folder.close()
  }

  /** The keys in force. Where they are required and nobody could make any, an admin key is made, whose text is shown this once. */
  async #openKeys(): Promise<Keys> {
    const { configuration, logger } = this.#setup
    const keys = new Keys({ log: new SqliteAdminLog(this.folder.writer), clock: systemClock })
    await keys.refresh()
    const first = needsKeys(configuration) ? await keys.createFirst() : undefined
    if (first !== undefined) logger.info(`The first admin key, which is shown only now: ${first.text}\nKeep it: it makes all other keys (rondo key create).`)
    return keys
  }

  #module(keys: Keys): DynamicModule {
    const { configuration, definition, logger, onFailure } = this.#setup
    const { requestsPerSecond } = configuration
    const addressLimit = { perSecond: requestsPerSecond, burst: requestsPerSecond * BURST_S }
    const gate = new Gate({ keys, required: needsKeys(configuration), environment: ENVIRONMENT, addressLimit, clock: systemClock })
    const { log, backfill } = this
    const probes = this.#probes
    const metrics = appMetrics()
    stallGauge(metrics, probes.stalls)
    return standaloneModule({
      ingest: {
        log,
        backfill,
        clock: systemClock,
        folded: () => probes.folded,
        metrics,
        catchUpMs: configuration.catchUp,
        heldBytesMax: configuration.heldBytesMax,
        rates: gate,
        onAlarm: throttled((text) => logger.warn(text)),
        onFailure,
      },
      processor: {
        folder: this.folder.path,
        definition: definition.text,
        file: definition.file,
        clock: systemClock,
        metrics,
        onReport: (report) => {
          if (report.kind === 'refused') logger.warn(`${report.message} (${report.code})`)
          else if (report.kind === 'commit-failed') {
            probes.commitFailed(report)
            logger.warn(`${report.message} Nothing is lost; the processor tries again each second. (${report.code})`)
          } else if (report.kind === 'rebuild') logger.info(rebuildText(report.rebuild))
          else if (report.kind === 'zones') logger.warn(report.warning)
          else if ('logTime' in report) {
            probes.committed(report)
            this.logTimeWait.advance(report.logTime)
          }
        },
        onFailure,
      },
      serving: { folder: this.folder, definition: definition.definition, clock: systemClock },
      probes,
      metrics,
      access: { keys, gate, cycle: definition.cycle.cycle },
    })
  }
}
