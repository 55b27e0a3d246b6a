import type { ControlRecord, Instant } from '#contracts'
import { type Addresses, type EventBuffer, fitsShare, type LogRecord, type LogWriter, PartitionedLines } from '#event-log'
import { type Clock, monotonic } from '#runtime'
import type { Admitted, Holding, IngestLog } from '../admission/ingest-log.ts'
import { overloaded } from '../admission/overloaded.ts'
import { bufferFull, PartitionBuffer } from './partition-buffer.ts'
import { PartitionQueue, type PartitionQueueOptions } from './partition-queue.ts'
import { bytesOf } from './sent-frames.ts'

/** The limit of the events in bytes that wait in memory. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024

/** The topics that requests are written to. */
type Topic = 'activity' | 'quarantine'

/** The buffer of a process, and the way to find out what of it is in the log. */
export interface KafkaBuffer {
  readonly buffer: EventBuffer
  /** The records of a partition from an offset on, to its present end. */
  readonly tail: (topic: Topic, partition: number, from: number) => AsyncIterable<LogRecord>
}

/** The writers of the two topics, the buffer, and the limits. */
export interface KafkaIngestLogOptions {
  readonly writer: LogWriter
  /** The records for the topic of refused events: each frame is one refused event. */
  readonly refusals: LogWriter
  /** Where events are kept while a partition does not answer. Without it they wait in memory until their requests are answered with 503. */
  readonly buffered?: KafkaBuffer | undefined
  /** The actors that events name, for the cycles that run. */
  readonly addresses?: Addresses | undefined
  readonly waitingBytesMax?: number
  /** How long an append may take before events go into the buffer. */
  readonly slowMs?: number
  readonly clock: Clock
  readonly onAlarm: (text: string) => void
}

/**
 * A log of many partitions that other processes write too. If it is not known whether a frame is in the log, it is sent again until
 * it is: the fold drops the copies, and no tick can pass what was accepted before it. Each partition is independent of the others.
 */
export class KafkaIngestLog implements IngestLog {
  readonly clock: Clock
  readonly predecessors: readonly string[]
  readonly #options: KafkaIngestLogOptions
  readonly #queues: readonly PartitionQueue[]
  readonly #refusals: readonly PartitionQueue[]
  #nextRefusal = 0
  /** Since when events have been refused, because the buffer is full or cannot be written. */
  #fullFrom: Instant | undefined
  /** Aborted when nothing is written any more; its reason is the failure. */
  readonly #end = new AbortController()

  constructor(options: KafkaIngestLogOptions) {
    this.#options = options
    const { writer, refusals, buffered, clock } = options
    this.clock = monotonic(() => clock.now())
    this.predecessors = buffered?.buffer.writers() ?? []
    this.#queues = this.#queuesOf('activity', writer)
    this.#refusals = this.#queuesOf('quarantine', refusals)
  }

  get partitions(): number {
    return this.#queues.length
  }

  get isBuffered(): boolean {
    return this.#options.buffered !== undefined
  }

  get oldestWaiting(): Instant | undefined {
    const since = this.#all.map(({ oldest }) => oldest).filter((oldest) => oldest !== undefined)
    return since.length === 0 ? undefined : Math.min(...since)
  }

  async append({ events, lines, quarantine, arrival, trace }: Admitted): Promise<void> {
    const parts = new PartitionedLines(this.partitions, this.#options.addresses)
    for (const [at, event] of events.entries()) parts.addEvent(event, lines[at] as string)
    const puts = parts.drain().map(([partition, of]): [PartitionQueue, readonly string[]] => [this.#queue(partition), of])
    if (quarantine.length > 0) puts.push([this.#refusalQueue(), quarantine.map((record) => JSON.stringify(record))])
    // Before anything is written: a request is refused as a whole.
    for (const [queue, of] of puts) this.#checkRoom(queue, bytesOf(of))
    await Promise.all(puts.map(([queue, of]) => queue.put('events', of, arrival, trace)))
  }

  async announce(records: readonly ControlRecord[], time: Instant): Promise<void> {
    if (records.length === 0) return
    const lines = records.map((record) => JSON.stringify(record))
    await Promise.all(this.#queues.map((queue) => queue.put('control', lines, time)))
  }

  tick(partition: number, _time: Instant, lines: readonly string[]): void {
    this.#queue(partition).tick(lines)
  }

  hasNews(partition: number): boolean {
    return this.#queue(partition).hasNews
  }

  /** Nothing is held: with many partitions, history is imported before the first process writes. */
  release(): Holding {
    const from = this.#fullFrom
    if (from === undefined || this.isSlow) return { isHolding: false }
    this.#fullFrom = undefined
    return { isHolding: false, refused: { from, until: this.clock.now() } }
  }

  /** Resolves when all that was accepted is durable, be it in the buffer. */
  async drain(): Promise<void> {
    if (this.isBuffered) await Promise.all(this.#all.map((queue) => Promise.race([queue.idle(), queue.slow()])))
  }

  /** Whether a partition does not answer. */
  get isSlow(): boolean {
    return this.#all.some(({ isSlow }) => isSlow)
  }

  async slow(): Promise<void> {
    await Promise.race(this.#all.map((queue) => queue.slow()))
  }

  noteWriter(id: string): void {
    this.#options.buffered?.buffer.noteWriter(id)
  }

  forgetWriter(id: string): void {
    this.#options.buffered?.buffer.forgetWriter(id)
  }

  stop(reason: Error): void {
    this.#end.abort(reason)
    for (const queue of this.#all) queue.stop()
  }

  get #all(): readonly PartitionQueue[] {
    return [...this.#queues, ...this.#refusals]
  }

  #queuesOf(topic: Topic, writer: LogWriter): PartitionQueue[] {
    const { slowMs, onAlarm } = this.#options
    return Array.from({ length: writer.partitions }, (_, partition) => {
      const append: PartitionQueueOptions['append'] = (frames, options) => writer.append(partition, frames, options)
      return new PartitionQueue({
        append,
        buffer: this.#bufferOf(topic, partition),
        isFramed: topic === 'activity',
        slowMs,
        signal: this.#end.signal,
        onFull: () => this.#noteFull(),
        onAlarm,
      })
    })
  }

  #bufferOf(topic: Topic, partition: number): PartitionBuffer | undefined {
    const { buffered, onAlarm } = this.#options
    if (buffered === undefined) return undefined
    const { buffer, tail } = buffered
    const part = buffer.part({ topic, partition })
    return new PartitionBuffer({ part, fits: (bytes) => buffer.fits(part, bytes), tail: (from) => tail(topic, partition, from), onAlarm })
  }

  #queue(partition: number): PartitionQueue {
    return this.#queues[partition] as PartitionQueue
  }

  /** A refused record may be in any partition: one after the other, but none that does not answer. */
  #refusalQueue(): PartitionQueue {
    const queues = this.#refusals
    const start = this.#nextRefusal++
    const inTurn = queues.map((_, at) => queues[(start + at) % queues.length] as PartitionQueue)
    return inTurn.find(({ isSlow }) => !isSlow) ?? (inTurn[0] as PartitionQueue)
  }

  #noteFull(): void {
    this.#fullFrom ??= this.clock.now()
  }

  /** @throws RondoError RONDO_OVERLOADED */
  #checkRoom(queue: PartitionQueue, bytes: number): void {
    if (!queue.fits(bytes)) {
      this.#noteFull()
      throw bufferFull()
    }
    const all = this.#all.reduce((sum, other) => sum + other.bytes, 0)
    const share = { own: queue.bytes, all, max: this.#options.waitingBytesMax ?? WAITING_BYTES_MAX }
    if (!fitsShare(share, bytes)) throw overloaded('More events wait to be written than may')
  }
}
