import type { IHeaders, RecordMetadata } from 'kafkajs'
import { RondoError } from '#contracts'
import type { LogWriter } from '../../event-log.ts'
import { FRAMES_COMPRESSION } from '../client/compression-codecs.ts'
import { newCluster } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { LastingProducer } from '../client/lasting-producer.ts'
import { FRAME_BYTES_MAX, type TopicName, topicOf } from '../client/topics.ts'
import { PartitionLog } from './partition-log.ts'

/** The size of one request for each partition. */
const BATCH_BYTES = 1_000_000

/** A call of `append` whose frames are not all durable yet. */
interface PendingAppend {
  readonly frames: readonly string[]
  /** The number of frames that have been sent. */
  sent: number
  /** The offset of its first frame, once that is durable. */
  first: number | undefined
  readonly resolve: (offset: number) => void
  readonly reject: (failure: RondoError) => void
}

/** The frames of one partition in one request, and how many of them belong to each append, in order. */
interface Batch {
  readonly partition: number
  readonly frames: string[]
  readonly shares: { readonly append: PendingAppend; readonly count: number }[]
}

/**
 * Writes frames by an idempotent producer, one request at a time, with all frames that came meanwhile, for any partition. A failed request
 * also ends its producer.
 */
export class KafkaLogWriter implements LogWriter {
  readonly partitions: number
  readonly #settings: KafkaSettings
  readonly #topic: string
  readonly #headers: IHeaders
  readonly #queues: PendingAppend[][]
  readonly #producer: LastingProducer
  #sending: Promise<void> | undefined
  #closed = false

  /** @param target the topic, and the headers of each frame */
  constructor(settings: KafkaSettings, target: { topic: TopicName; headers?: IHeaders } = { topic: 'activity' }) {
    this.partitions = settings.partitions
    this.#settings = settings
    this.#topic = topicOf(settings, target.topic)
    this.#headers = target.headers ?? {}
    this.#producer = new LastingProducer(settings)
    this.#queues = Array.from({ length: settings.partitions }, () => [])
  }

  append(partition: number, frames: readonly string[]): Promise<number> {
    return new Promise((resolve, reject) => {
      const queue = this.#queues[partition]
      if (queue === undefined) return reject(new RondoError('RONDO_INTERNAL', `There is no partition ${partition} of ${this.partitions}.`))
      if (this.#closed) return reject(new RondoError('RONDO_INTERNAL', `The writer of ${this.#topic} has been closed.`))
      const large = frames.find((frame) => Buffer.byteLength(frame) > FRAME_BYTES_MAX)
      if (large !== undefined) return reject(tooLarge(large))
      queue.push({ frames, sent: 0, first: undefined, resolve, reject })
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
    for (;;) {
      const batches = this.#queues.flatMap((queue, partition) => (queue.length === 0 ? [] : [takeBatch(partition, queue)]))
      if (batches.length === 0) {
        // In the same turn as the check of the queues: a later append finds no running work and starts it again.
        this.#sending = undefined
        return
      }
      try {
        await this.#sendBatches(batches)
      } catch (cause) {
        this.#fail(batches, cause)
        await this.#producer.discard()
      }
    }
  }

  async #sendBatches(batches: readonly Batch[]): Promise<void> {
    const messages = batches.flatMap(({ partition, frames }) => frames.map((value) => ({ partition, key: null, value, headers: this.#headers })))
    const answers =
      messages.length === 0 ? [] : await (await this.#producer.connected()).send({ topic: this.#topic, acks: -1, compression: FRAMES_COMPRESSION, messages })
    for (const { partition, frames, shares } of batches) {
      let offset = frames.length === 0 ? await this.#endOffset(partition) : baseOffset(answers, partition)
      for (const { append, count } of shares) {
        append.first ??= offset
        offset += count
        append.sent += count
        if (append.sent < append.frames.length) continue
        this.#queues[partition]?.shift()
        append.resolve(append.first)
      }
    }
  }

  /** Rejects the appends of a failed request. It is not known which of their frames are in the log. */
  #fail(batches: readonly Batch[], cause: unknown): void {
    const failure = kafkaFailure('The events cannot be written', cause)
    for (const { partition, shares } of batches) {
      for (const { append } of shares) {
        const queue = this.#queues[partition]
        if (queue?.[0] !== append) continue
        queue.shift()
        append.reject(failure)
      }
    }
  }

  async #endOffset(partition: number): Promise<number> {
    const cluster = newCluster(this.#settings)
    try {
      return (await new PartitionLog(cluster, this.#topic, partition).bounds()).stable
    } finally {
      await cluster.disconnect()
    }
  }
}

function takeBatch(partition: number, queue: readonly PendingAppend[]): Batch {
  const batch: Batch = { partition, frames: [], shares: [] }
  let bytes = 0
  for (const append of queue) {
    let count = 0
    for (const frame of append.frames.slice(append.sent)) {
      if (batch.frames.length > 0 && bytes + Buffer.byteLength(frame) > BATCH_BYTES) break
      bytes += Buffer.byteLength(frame)
      batch.frames.push(frame)
      count += 1
    }
    batch.shares.push({ append, count })
    if (append.sent + count < append.frames.length) break
  }
  return batch
}

function baseOffset(answers: readonly RecordMetadata[], partition: number): number {
  return Number(answers.find((answer) => answer.partition === partition)?.baseOffset)
}

function tooLarge(frame: string): RondoError {
  const message = `A frame of ${Buffer.byteLength(frame)} bytes is larger than the ${FRAME_BYTES_MAX} that the log takes. Send less in one event.`
  return new RondoError('RONDO_EVENT_TOO_LARGE', message)
}
