import type { IHeaders } from 'kafkajs'
import { RondoError } from '#contracts'
import type { FrameTraces, LogWriter } from '../../event-log.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { type TopicName, topicOf } from '../client/topics.ts'
import { PartitionWriter } from './partition-writer.ts'

/** Writes frames into the partitions of a topic. None waits for another: a partition without a leader holds up only its own frames. */
export class KafkaLogWriter implements LogWriter {
  readonly partitions: number
  readonly #topic: string
  readonly #writers: readonly PartitionWriter[]

  /** @param target the topic, and the headers of each frame */
  constructor(settings: KafkaSettings, target: { topic: TopicName; headers?: IHeaders } = { topic: 'activity' }) {
    const topic = topicOf(settings, target.topic)
    this.partitions = settings.partitions
    this.#topic = topic
    this.#writers = Array.from(
      { length: settings.partitions },
      (_, partition) => new PartitionWriter(settings, { topic, partition, headers: target.headers ?? {} }),
    )
  }

  async append(partition: number, frames: readonly string[], { traces }: { readonly traces?: FrameTraces } = {}): Promise<number> {
    const writer = this.#writers[partition]
    if (writer === undefined) throw new RondoError('RONDO_INTERNAL', `There is no partition ${partition} of ${this.partitions} in ${this.#topic}.`)
    return await writer.append(frames, traces)
  }

  /** Writes what is pending first. */
  async close(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.close()))
  }
}
