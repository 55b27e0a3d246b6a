import type { LogRecord } from '../../event-log.ts'
import { newKafka } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { topicOf } from '../client/topics.ts'
import { newestFrames } from './newest-frames.ts'

/**
 * The newest frames of every partition of `activity`; none if the topic does not exist, which is not created.
 * @param bytesMax about the most of each partition
 * @throws RondoError RONDO_LOG_UNAVAILABLE
 */
export async function* newestActivity(settings: KafkaSettings, bytesMax: number): AsyncGenerator<LogRecord> {
  const admin = newKafka(settings).admin()
  try {
    await admin.connect()
    const exists = (await admin.listTopics()).includes(topicOf(settings, 'activity'))
    for (let partition = 0; exists && partition < settings.partitions; partition++) yield* await newestFrames(settings, partition, bytesMax)
  } catch (failure) {
    throw kafkaFailure('The newest events cannot be read', failure)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}
