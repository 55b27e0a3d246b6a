import type { DynamicModule } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { RondoError } from '#contracts'
import { ActivityLog, Backfill, type DataFolder, type FoldTimes } from '#event-log'
import { appMetrics, type LiveDefinition, type Logger, throttled } from '#process'
import { openCycleFolder, rebuildText } from '#projections'
import { systemClock } from '#runtime'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { LogTimeWait } from './log-time-wait.ts'
import type { Settings } from './settings.ts'
import { standaloneModule } from './standalone.module.ts'

const HOST = '127.0.0.1'

export interface StandaloneSetup {
  readonly settings: Settings
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
  #folded: FoldTimes | undefined

  /** @throws RondoError RONDO_DATA_*: where the folder is in use, foreign, damaged, or cannot be written */
  constructor(setup: StandaloneSetup) {
    const { settings, definition, logger, onFailure } = setup
    this.#setup = setup
    this.folder = openCycleFolder(settings.data, definition.cycle)
    this.log = new ActivityLog(this.folder.writer)
    this.backfill = new Backfill({
      log: this.log,
      clock: systemClock,
      graceMs: definition.cycle.graceMs,
      onEnded: ({ source, rows, stalled }) => {
        if (stalled) logger.warn(`The import of ${source} was ended after ${rows} rows: none came for 15 minutes. Live events go on.`)
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
    this.#app = await newApp(this.#module(), { host: HOST }, this.#setup.logger)
    return listen(this.#app, { host: HOST, port: this.#setup.settings.port })
  }

  /** Answers open requests, folds accepted events, closes everything. */
  async close(): Promise<void> {
    this.backfill.close()
    if (this.#app !== undefined) await closeApp(this.#app)
    await this.folder.close()
  }

  #module(): DynamicModule {
    const { settings, definition, logger, onFailure } = this.#setup
    const { log, backfill } = this
    const metrics = appMetrics()
    return standaloneModule({
      ingest: {
        log,
        backfill,
        clock: systemClock,
        folded: () => this.#folded,
        metrics,
        catchUpMs: settings.catchUpMs,
        heldBytesMax: settings.heldBytesMax,
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
          else if (report.kind === 'commit-failed') logger.warn(`${report.message} Nothing is lost; the processor tries again each second. (${report.code})`)
          else if (report.kind === 'rebuild') logger.info(rebuildText(report.rebuild))
          else if (report.kind === 'zones') logger.warn(report.warning)
          else if ('logTime' in report) {
            this.#folded = report
            this.logTimeWait.advance(report.logTime)
          }
        },
        onFailure,
      },
      serving: { folder: this.folder, definition: definition.definition, clock: systemClock },
      metrics,
    })
  }
}
