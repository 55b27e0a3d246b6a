import { dirname, resolve } from 'node:path'
import { type Instant, RondoError } from '#contracts'
import { type CompiledCycle, identityOf } from '#cycle'
import { pause, stopwatch } from '#runtime'
import { HistoryFileError, historyFailure } from '../duckdb/history-failure.ts'
import { type BatchLimits, HistoryFollower } from '../follow/history-follower.ts'
import { abortable, type HistorySource } from '../follow/history-source.ts'
import type { HistoryReader } from '../history-reader.ts'
import { HistoryFile, type RebuildReason } from '../store/history-file.ts'
import { removeExportFolders } from './export-folders.ts'

/** The pause between two batches: a commit costs about the same for one row as for some thousands. */
const PAUSE_MS = 1_000
/** The first pause after a failure; each further one is twice as long, up to the longest. */
const RETRY_MS = 1_000
const RETRY_MS_MAX = 60_000

/** What happens to a history, for logs and metrics. */
interface HistoryReport {
  /** The file was made again, or for the first time. */
  rebuilt?(reason: RebuildReason): void
  wrote?(rows: Readonly<Record<string, number>>, seconds: number): void
  /** It tries again by itself. */
  failed?(failure: RondoError): void
}

/** The history of which cycle is kept where. */
export interface CycleHistoryOptions {
  readonly cycle: CompiledCycle
  readonly generation: number
  readonly path: string
  /** Opens what is followed, before the file is. */
  readonly source: () => Promise<HistorySource>
  readonly report?: HistoryReport | undefined
  readonly limits?: BatchLimits | undefined
  /** How long to pause, in a test. */
  readonly pauseMs?: number
}

/**
 * Keeps the history of a cycle up to date while a process runs. Nothing of it ends the process or makes it unready: after a failure it tries again, with
 * pauses, and meanwhile the questions are answered from what is there, or refused with the failure.
 */
export class CycleHistory implements HistoryReader {
  readonly #options: CycleHistoryOptions
  readonly #end = new AbortController()
  #file: HistoryFile | undefined
  #source: HistorySource | undefined
  #failure: RondoError | undefined
  /** What a question met in the file: it is opened again, or made again. */
  #unreadable: HistoryFileError | undefined
  #asOf: Instant = Number.NEGATIVE_INFINITY
  #foldedTo: Instant = Number.NEGATIVE_INFINITY
  #running: Promise<void> = Promise.resolve()
  /** Until then, exports that lie beside the file are those of a process that was killed. */
  #isFirstOpen = true

  constructor(options: CycleHistoryOptions) {
    this.#options = options
  }

  /** The cycle. */
  get cycle(): string {
    return this.#options.cycle.cycle
  }

  /** The folder of its file. */
  get folder(): string {
    return dirname(resolve(this.#options.path))
  }

  /** Why it does not follow at present; undefined if it does. */
  get failure(): RondoError | undefined {
    return this.#failure
  }

  /** The log time up to which it is complete, as of the last batch; minus infinity while it is being filled. */
  get completeTo(): Instant {
    return this.#asOf
  }

  /** The log time up to which the log was folded at the last step. */
  get foldedTo(): Instant {
    return this.#foldedTo
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#running
  }

  rows<Row>(...question: Parameters<HistoryReader['rows']>): Promise<Row[]> {
    return this.#ask((file) => file.rows<Row>(...question))
  }

  numbers(...question: Parameters<HistoryReader['numbers']>): Promise<void> {
    return this.#ask((file) => file.numbers(...question))
  }

  asOf(): Promise<Instant> {
    return this.#ask((file) => file.asOf())
  }

  snapshot<Answer>(questions: (reader: HistoryReader) => Promise<Answer>): Promise<Answer> {
    return this.#ask((file) => file.snapshot(questions))
  }

  async #ask<Answer>(question: (file: HistoryFile) => Promise<Answer>): Promise<Answer> {
    const file = this.#file
    if (file === undefined) throw this.#unavailable()
    try {
      return await question(file)
    } catch (failure) {
      if (!(failure instanceof HistoryFileError) || failure.code === 'RONDO_INTERNAL') throw failure
      // A batch may never read the part of the file that a question has read.
      if (this.#file === file && failure.code !== 'RONDO_DATA_FULL') this.#unreadable = failure
      throw this.#unavailable(failure)
    }
  }

  #unavailable(failure = this.#failure): RondoError {
    const why = failure === undefined ? 'it is being opened' : `${failure.message} (${failure.code})`
    return new RondoError('RONDO_HISTORY_UNAVAILABLE', `The history of the cycle ${this.cycle} cannot be asked now: ${why}`, { retriable: true })
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    for (let ms = RETRY_MS; !signal.aborted; ms = Math.min(2 * ms, RETRY_MS_MAX)) {
      try {
        await this.#follow(() => {
          ms = RETRY_MS / 2
        })
      } catch (cause) {
        await this.#fail(historyFailure(this.#options.path, cause))
      }
      await pause(this.#options.pauseMs ?? ms, signal)
    }
    await this.#close()
  }

  /** Opens what is not open, and writes batches until the end. */
  async #follow(wrote: () => void): Promise<void> {
    const { signal } = this.#end
    const { cycle, generation, limits, report, pauseMs = PAUSE_MS } = this.#options
    this.#source ??= abortable(await this.#options.source(), signal)
    this.#file ??= await this.#open(this.#source)
    const follower = await HistoryFollower.resume(this.#file, { cycle, generation, source: this.#source, limits })
    while (!signal.aborted) {
      if (this.#unreadable !== undefined) throw this.#unreadable
      const elapsed = stopwatch()
      const { isMore, rows, foldedTo } = await follower.step()
      this.#failure = undefined
      this.#foldedTo = foldedTo
      this.#asOf = await this.#file.asOf()
      report?.wrote?.(rows, elapsed())
      wrote()
      if (!isMore) await pause(pauseMs, signal)
    }
  }

  async #open(source: HistorySource): Promise<HistoryFile> {
    const { path, cycle, generation, report } = this.#options
    const identity = { ...identityOf(cycle, generation), ...source.log }
    const file = await HistoryFile.open({ path, actorType: cycle.actorType, partitions: source.partitions.length, identity })
    if (file.rebuilt !== undefined) report?.rebuilt?.(file.rebuilt)
    if (!this.#isFirstOpen) return file
    this.#isFirstOpen = false
    // What cannot be removed only takes space.
    await removeExportFolders(this.folder, this.cycle).catch(() => undefined)
    return file
  }

  /** A file that may have failed is opened again before the next attempt; a damaged one is made again. On a full disk the file can still be read. */
  async #fail(failure: RondoError): Promise<void> {
    if (this.#end.signal.aborted) return
    this.#failure = failure
    this.#unreadable = undefined
    this.#options.report?.failed?.(failure)
    if (!(failure instanceof HistoryFileError) || failure.code === 'RONDO_DATA_FULL') return
    const file = this.#file
    this.#file = undefined
    if (failure.code === 'RONDO_DATA_CORRUPT') await file?.remove()
    else await file?.close()
  }

  async #close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    await this.#source?.close()
    this.#source = undefined
  }
}
