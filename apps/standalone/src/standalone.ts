import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NestFactory } from '@nestjs/core'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { RondoError } from '#contracts'
import { ActivityLog, Backfill, type DataFolder } from '#event-log'
import { openCycleFolder } from '#projections'
import { systemClock } from '#runtime'
import { httpAdapter } from '../../chassis/src/http-adapter.ts'
import type { LiveDefinition } from '../../chassis/src/live-definition.ts'
import { ProblemFilter } from '../../chassis/src/problem.filter.ts'
import type { Voice } from '../../chassis/src/voice.ts'
import { Progress } from './progress.ts'
import type { Settings } from './settings.ts'
import { standaloneModule } from './standalone.module.ts'

const HOST = '127.0.0.1'
/** How long requests under way may take once the end has come. */
const REQUESTS_MS_MAX = 3_000

export interface StandaloneSetup {
  readonly settings: Settings
  readonly definition: LiveDefinition
  readonly voice: Voice
  /** It cannot go on, and is to be closed. */
  readonly onFailure: (failure: RondoError) => void
}

/** A whole Rondo on one data folder, opened and closed as one. */
export class Standalone {
  readonly folder: DataFolder
  readonly log: ActivityLog
  readonly backfill: Backfill
  readonly progress = new Progress()
  readonly #setup: StandaloneSetup
  #app: NestFastifyApplication | undefined

  /** @throws RondoError RONDO_DATA_*: where the folder is in use, foreign, damaged, or cannot be written */
  constructor(setup: StandaloneSetup) {
    const { settings, definition, voice, onFailure } = setup
    this.#setup = setup
    this.folder = openCycleFolder(settings.data, definition.cycle)
    this.log = new ActivityLog(this.folder.writer)
    this.backfill = new Backfill({
      log: this.log,
      clock: systemClock,
      graceMs: definition.cycle.graceMs,
      onEnded: ({ source, rows, stalled }) => {
        if (stalled) voice.alarm(`The import of ${source} was ended after ${rows} rows: none came for 15 minutes. Live events go on.`)
      },
      onFailure,
    })
  }

  /**
   * Opens the door.
   * @returns the address
   * @throws RondoError RONDO_PORT_IN_USE
   */
  async listen(): Promise<string> {
    const { port } = this.#setup.settings
    const app = await this.#build()
    this.#app = app
    try {
      await app.listen(port, HOST)
    } catch (cause) {
      throw listenFailure(cause as NodeJS.ErrnoException, port)
    }
    return `http://${HOST}:${(app.getHttpServer().address() as AddressInfo).port}`
  }

  /** Answers what was asked, folds what was taken in, closes everything. */
  async close(): Promise<void> {
    this.backfill.close()
    // A request that never ends must not hold the others' data open.
    const impatience = setTimeout(() => (this.#app?.getHttpServer() as Server | undefined)?.closeAllConnections(), REQUESTS_MS_MAX)
    await this.#app?.close()
    clearTimeout(impatience)
    await this.folder.close()
  }

  async #build(): Promise<NestFastifyApplication> {
    const { settings, definition, voice, onFailure } = this.#setup
    const { log, backfill } = this
    const module = standaloneModule({
      ingest: { log, backfill, clock: systemClock, catchUpMs: settings.catchUpMs, onFailure },
      processor: {
        folder: this.folder.path,
        definition: definition.text,
        file: definition.file,
        onReport: (report) => {
          if (report.kind === 'trouble') voice.alarm(`${report.message} Nothing is lost; the processor tries again each second. (${report.code})`)
          else if (report.kind !== 'failed') this.progress.advance(report.logTime)
        },
        onFailure,
      },
      serving: { folder: this.folder, definition: definition.definition, clock: systemClock },
    })
    const app = await NestFactory.create<NestFastifyApplication>(module, httpAdapter(), { logger: false, bodyParser: false, abortOnError: false })
    app.useGlobalFilters(new ProblemFilter((error) => voice.alarm(error instanceof RondoError ? error.message : String((error as Error)?.stack ?? error))))
    return app
  }
}

function listenFailure(cause: NodeJS.ErrnoException, port: number): unknown {
  if (cause.code === 'EADDRINUSE') {
    return new RondoError('RONDO_PORT_IN_USE', `Another program listens on ${HOST}:${port}. Stop it, or choose another port with --port.`, { cause })
  }
  if (cause.code !== 'EACCES') return cause
  return new RondoError('RONDO_ARGUMENT_INVALID', `This user may not listen on port ${port}. Choose one above 1023 with --port.`, { cause })
}
