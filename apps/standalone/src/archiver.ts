import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { RondoError } from '#contracts'
import { type DataFolder, trimLog } from '#event-log'
import type { Logger } from '#process'
import { type Clock, poll } from '#runtime'
import type { ArchiveOrder, ArchiveReport } from './archive-order.ts'

/** How often it is checked whether a day has ended. */
const POLL_MS = 600_000

// In development and tests the source, otherwise the built file.
const script = new URL(`./archive.worker${extname(import.meta.url)}`, import.meta.url)

/** What is archived, and where. */
export interface ArchiverOptions {
  readonly folder: Pick<DataFolder, 'path' | 'writer'>
  readonly archive: string
  /** How long records stay in the log beside the archive. */
  readonly keepMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** How far the archive has come. */
export interface ArchiveProgress {
  /** What the archive had after the last success; undefined before the first of this process. */
  readonly archived: Omit<Extract<ArchiveReport, { kind: 'archived' }>, 'kind'> | undefined
  /** How many attempts have failed since the process started. */
  readonly failures: number
}

/** Archives each day of the log after its end, in a thread of its own, and then removes from the log what it need no longer keep. */
export class Archiver {
  readonly #options: ArchiverOptions
  readonly #end = new AbortController()
  #done: Promise<void> = Promise.resolve()
  #archived: ArchiveProgress['archived']
  #failures = 0

  constructor(options: ArchiverOptions) {
    this.#options = options
  }

  start(): void {
    this.#done = poll(() => this.archive(), { pauseMs: POLL_MS, signal: this.#end.signal })
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#done
  }

  get progress(): ArchiveProgress {
    return { archived: this.#archived, failures: this.#failures }
  }

  /** Archives what is new, once. A failure is an alarm: the log keeps what is not archived, and the next attempt continues. */
  async archive(): Promise<void> {
    const { folder, archive, keepMs, clock, logger } = this.#options
    const now = clock.now()
    try {
      const compared = await this.#runThread({ folder: folder.path, archive, now, trimBefore: now - keepMs })
      for (const { partition, begin, below } of compared) {
        await trimLog(folder.writer, { partition, begin, below, archive, signal: this.#end.signal })
        logger.info(`Offsets ${begin} to ${below - 1} left the log: the archive ${archive} has them.`)
      }
    } catch (failure) {
      this.#failures += 1
      const { message, code } = failure as RondoError
      logger.warn(`${message} The log keeps what is not archived; it is tried again. (${code})`)
    }
  }

  /** @returns what may leave the log */
  #runThread(order: ArchiveOrder): Promise<Extract<ArchiveReport, { kind: 'compared' }>[]> {
    const { logger, archive } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<Extract<ArchiveReport, { kind: 'compared' }>[]>()
    const compared: Extract<ArchiveReport, { kind: 'compared' }>[] = []
    const worker = new Worker(script, { workerData: order })
    const stop = (): void => worker.postMessage('stop')
    this.#end.signal.addEventListener('abort', stop)
    worker.on('message', (report: ArchiveReport) => {
      if (report.kind === 'failed') reject(new RondoError(report.code, report.message))
      else if (report.kind === 'compared') compared.push(report)
      else if (report.kind === 'archived') this.#archived = report
      else if (report.kind === 'kept') logger.warn(`${report.message} Until then the log keeps all that a restore of a cycle could need. (${report.code})`)
      else logger.info(`${report.entries} entries of ${report.day} are in the archive ${archive}, as ${report.bytes} bytes.`)
    })
    worker.on('error', (cause) => reject(new RondoError('RONDO_INTERNAL', `The archive cannot be written: ${String(cause)}`, { cause })))
    worker.on('exit', () => {
      this.#end.signal.removeEventListener('abort', stop)
      resolve(compared)
    })
    return promise
  }
}
