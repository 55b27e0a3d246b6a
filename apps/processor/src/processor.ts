import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { RondoError } from '#contracts'
import type { FoldedCycle, WorkerMessage, WorkerOrder, WorkerReport } from './worker-report.ts'

/** What an embedded processor folds, and what it calls. */
export interface ProcessorOptions extends WorkerOrder {
  /** Gets also the failure of one cycle while others are folded. */
  readonly onReport?: (report: WorkerReport) => void
  /** Called when no cycle is folded any more. The processor is not started again: its operator has to know. */
  readonly onFailure: (failure: RondoError) => void
}

// In development and tests the source, otherwise the built file.
const script = new URL(`./processor.worker${extname(import.meta.url)}`, import.meta.url)

/** The fold of all cycles in a thread of its own, so that a million deadlines do not delay ingest. */
export class Processor {
  readonly #options: ProcessorOptions
  #worker: Worker | undefined
  readonly #ended = Promise.withResolvers<void>()
  #isOver = false
  readonly #folded: Set<string>

  constructor(options: ProcessorOptions) {
    this.#options = options
    this.#folded = new Set(options.cycles.map(({ cycle }) => cycle))
  }

  start(): void {
    const { folder, cycles, archive, tracing, onReport } = this.#options
    const worker = new Worker(script, { workerData: { folder, cycles, archive, tracing } satisfies WorkerOrder })
    worker.on('message', (report: WorkerReport) => {
      if (report.kind === 'failed') this.#folded.delete(report.cycle)
      if (report.kind === 'failed' && this.#folded.size === 0) this.#fail(new RondoError(report.code, report.message))
      else onReport?.(report)
    })
    worker.on('error', (cause) => this.#fail(new RondoError('RONDO_INTERNAL', `The processor failed: ${String(cause)}`, { cause })))
    worker.on('exit', () => {
      this.#ended.resolve()
      this.#fail(new RondoError('RONDO_INTERNAL', 'The processor ended by itself. Please report it.'))
    })
    this.#worker = worker
  }

  /** Folds another cycle too, from where its state is. */
  add(cycle: FoldedCycle): void {
    this.#folded.add(cycle.cycle)
    this.#send({ add: cycle })
  }

  /** Lets the current step end, then ends the thread. */
  async stop(): Promise<void> {
    this.#isOver = true
    if (this.#worker === undefined) return
    this.#send('stop')
    await this.#ended.promise
  }

  #send(message: WorkerMessage): void {
    this.#worker?.postMessage(message)
  }

  #fail(failure: RondoError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.onFailure(failure)
  }
}
