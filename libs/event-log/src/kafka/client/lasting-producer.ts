import type { Producer, ProducerRecord, RecordMetadata } from 'kafkajs'
import type { KafkaSettings } from './kafka-settings.ts'
import { newProducer } from './producers.ts'

/**
 * An idempotent producer that sends one request at a time. It connects at the first request, and again after it was discarded: after a failed
 * request the broker no longer knows the next sequence number, so the producer must not be used again. Every record names its partition.
 */
export class LastingProducer {
  readonly #settings: KafkaSettings
  #producer: Promise<Producer> | undefined

  constructor(settings: KafkaSettings) {
    this.#settings = settings
  }

  connected(): Promise<Producer> {
    this.#producer ??= connect(this.#settings)
    return this.#producer
  }

  /** @throws what kafkajs throws; the producer is discarded then */
  async send(record: ProducerRecord): Promise<RecordMetadata[]> {
    try {
      return await (await this.connected()).send(record)
    } catch (failure) {
      await this.discard()
      throw failure
    }
  }

  async discard(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    await producer?.then((connected) => connected.disconnect()).catch(() => {})
  }
}

async function connect(settings: KafkaSettings): Promise<Producer> {
  const producer = newProducer(settings)
  await producer.connect()
  return producer
}
