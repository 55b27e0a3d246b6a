import type { IHeaders } from 'kafkajs'
import { RondoError } from '#contracts'
import type { FrameTraces } from '../../event-log.ts'
import { FRAMES_COMPRESSION } from '../client/compression-codecs.ts'
import { newCluster } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { LastingProducer } from '../client/lasting-producer.ts'
import { FRAME_BYTES_MAX } from '../client/topics.ts'
import { PartitionLog } from './partition-log.ts'
import { tracedHeaders } from './trace-headers.ts'

/** The size of one request. */
const BATCH_BYTES = 1_000_000

/** A call of `append` whose frames are not all durable yet. */
interface PendingAppend {
  readonly frames: readonly string[]
  readonly traces: FrameTraces
  /** The number of frames that have been sent. */
  sent: number
  /** The offset of its first frame, once that is durable. */
  first: number | undefined
  readonly resolve: (offset: number) => void
  readonly reject: (failure: RondoError) => void
}

/** The frames of one request, and how many of them belong to each append, in order. */
interface Batch {
  readonly frames: string[]
  readonly traces: FrameTraces[number][]
  readonly shares: { readonly append: PendingAppend; readonly count: number }[]
}

/** The partition that is written, and the headers of each frame. */
export interface PartitionTarget {
  readonly topic: string
  readonly partition: number
  readonly headers: IHeaders
}

/**
 * Writes the frames of one partition, one request at a time, with all frames that came meanwhile. A failed request also ends its producer. Each partition has a
 * producer of its own: requests of one connection wait for each other at the broker.
 */
export class PartitionWriter {
  readonly #settings: KafkaSettings
  readonly #target: PartitionTarget
  readonly #queue: PendingAppend[] = []
  readonly #producer: LastingProducer
  #sending: Promise<void> | undefined
  #closed = false

  constructor(settings: KafkaSettings, target: PartitionTarget) {
    this.#settings = settings
    this.#target = target
    this.#producer = new LastingProducer(settings)
  }

  /** As {@link LogWriter.append}. */
  append(frames: readonly string[], traces: FrameTraces = []): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new RondoError('RONDO_INTERNAL', `The writer of ${this.#target.topic} has been closed.`))
      const large = frames.find((frame) => Buffer.byteLength(frame) > FRAME_BYTES_MAX)
      if (large !== undefined) return reject(tooLarge(large))
      this.#queue.push({ frames, traces, sent: 0, first: undefined, resolve, reject })
      this.#sending ??= this.#send()
    })
  }

  /** Writes what is pending first. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#sending
    await this.#producer.discard()
  }

  async #send(): Promise<void> {
    // Calls of one turn of the event loop share a request.
    await new Promise(setImmediate)
    while (this.#queue.length > 0) {
      const batch = takeBatch(this.#queue)
      try {
        await this.#sendBatch(batch)
      } catch (cause) {
        this.#fail(batch, cause)
        await this.#producer.discard()
      }
    }
    // In the same turn as the check of the queue: a later append finds no running work and starts it again.
    this.#sending = undefined
  }

  async #sendBatch(batch: Batch): Promise<void> {
    const { frames, shares } = batch
    let offset = frames.length === 0 ? await this.#endOffset() : await this.#produce(batch)
    for (const { append, count } of shares) {
      append.first ??= offset
      offset += count
      append.sent += count
      if (append.sent < append.frames.length) continue
      this.#queue.shift()
      append.resolve(append.first)
    }
  }

  /** @returns the offset of the first frame */
  async #produce({ frames, traces }: Batch): Promise<number> {
    const { topic, partition, headers } = this.#target
    const messages = frames.map((value, at) => ({ partition, key: null, value, headers: tracedHeaders(headers, traces[at]) }))
    const producer = await this.#producer.connected()
    const [answer] = await producer.send({ topic, acks: -1, compression: FRAMES_COMPRESSION, messages })
    return Number(answer?.baseOffset)
  }

  /** Rejects the appends of a failed request. It is not known which of their frames are in the log. */
  #fail({ shares }: Batch, cause: unknown): void {
    const failure = kafkaFailure('The events cannot be written', cause)
    for (const { append } of shares) {
      if (this.#queue[0] !== append) continue
      this.#queue.shift()
      append.reject(failure)
    }
  }

  async #endOffset(): Promise<number> {
    const cluster = newCluster(this.#settings)
    try {
      return (await new PartitionLog(cluster, this.#target.topic, this.#target.partition).bounds()).stable
    } finally {
      await cluster.disconnect()
    }
  }
}

function takeBatch(queue: readonly PendingAppend[]): Batch {
  const batch: Batch = { frames: [], traces: [], shares: [] }
  let bytes = 0
  for (const append of queue) {
    let count = 0
    for (const [at, frame] of append.frames.slice(append.sent).entries()) {
      if (batch.frames.length > 0 && bytes + Buffer.byteLength(frame) > BATCH_BYTES) break
      bytes += Buffer.byteLength(frame)
      batch.frames.push(frame)
      batch.traces.push(append.traces[append.sent + at])
      count += 1
    }
    batch.shares.push({ append, count })
    if (append.sent + count < append.frames.length) break
  }
  return batch
}

function tooLarge(frame: string): RondoError {
  const message = `A frame of ${Buffer.byteLength(frame)} bytes is larger than the ${FRAME_BYTES_MAX} that the log takes. Send less in one event.`
  return new RondoError('RONDO_EVENT_TOO_LARGE', message)
}
