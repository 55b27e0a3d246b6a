import type { ControlRecord, Instant } from '#contracts'
import { type LogWriter, PartitionedLines, packFrames } from '#event-log'
import { type Clock, monotonic, retry } from '#runtime'
import type { Admitted, Holding, IngestLog } from '../admission/ingest-log.ts'
import { WriteQueue } from '../admission/write-queue.ts'

const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 1_000

export interface KafkaIngestLogOptions {
  readonly writer: LogWriter
  /** The records for the topic of refused events: each frame is one refused event. */
  readonly refusals: LogWriter
  readonly clock: Clock
  readonly onAlarm: (text: string) => void
}

/**
 * A log of many partitions that other processes write too. If it is not known whether a frame is in the log, it is sent again until
 * it is: the fold drops the copies, and no tick can pass what was accepted before it.
 */
export class KafkaIngestLog implements IngestLog {
  readonly clock: Clock
  readonly #options: KafkaIngestLogOptions
  readonly #queues: readonly WriteQueue<readonly string[]>[]
  #refusals = 0
  /** Aborted when nothing is written any more; its reason is the failure. */
  readonly #end = new AbortController()

  constructor(options: KafkaIngestLogOptions) {
    this.#options = options
    const { writer, clock } = options
    this.clock = monotonic(() => clock.now())
    this.#queues = Array.from(
      { length: writer.partitions },
      (_, partition) => new WriteQueue((take) => this.#append(writer, partition, packFrames(take().flatMap(({ item }) => item)))),
    )
  }

  get partitions(): number {
    return this.#queues.length
  }

  get oldestWaiting(): Instant | undefined {
    const since = this.#queues.map(({ oldest }) => oldest).filter((oldest) => oldest !== undefined)
    return since.length === 0 ? undefined : Math.min(...since)
  }

  async append({ events, lines, quarantine, arrival }: Admitted): Promise<void> {
    const parts = new PartitionedLines(this.partitions)
    for (const [at, event] of events.entries()) parts.add(event.actor.id, lines[at] as string)
    const writes = parts.drain().map(([partition, of]) => this.#queue(partition).put(of, arrival))
    if (quarantine.length > 0) writes.push(this.#refuse(quarantine.map((record) => JSON.stringify(record))))
    await Promise.all(writes)
  }

  async announce(records: readonly ControlRecord[], time: Instant): Promise<void> {
    if (records.length === 0) return
    const lines = records.map((record) => JSON.stringify(record))
    await Promise.all(this.#queues.map((queue) => queue.put(lines, time)))
  }

  tick(partition: number, _time: Instant, lines: readonly string[]): void {
    this.#queue(partition).tick(lines)
  }

  hasNews(partition: number): boolean {
    return this.#queue(partition).hasNews
  }

  /** Nothing is held: with many partitions, history is imported before the first process writes. */
  release(): Holding {
    return { isHolding: false }
  }

  async drain(): Promise<void> {}

  stop(reason: Error): void {
    this.#end.abort(reason)
    for (const queue of this.#queues) queue.stop(reason)
  }

  #queue(partition: number): WriteQueue<readonly string[]> {
    return this.#queues[partition] as WriteQueue<readonly string[]>
  }

  #refuse(records: readonly string[]): Promise<void> {
    const { refusals } = this.#options
    return this.#append(refusals, this.#refusals++ % refusals.partitions, records)
  }

  async #append(writer: LogWriter, partition: number, frames: readonly string[]): Promise<void> {
    const isWritten = await retry(() => writer.append(partition, frames).then(() => true), {
      pauseMs: RETRY_MS_MIN,
      pauseMsMax: RETRY_MS_MAX,
      signal: this.#end.signal,
      onFailure: ({ message }) => this.#options.onAlarm(message),
    })
    if (isWritten === undefined) throw this.#end.signal.reason
  }
}
