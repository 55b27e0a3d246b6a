import { RondoError } from '#contracts'
import type { LogRecord } from '../event-log.ts'
import { KafkaLogReader } from './assignment/kafka-log-reader.ts'
import { SCHEMA } from './checkpoints/batch-records.ts'
import { GroupPositions } from './checkpoints/group-positions.ts'
import { newCluster } from './client/kafka-client.ts'
import type { KafkaSettings } from './client/kafka-settings.ts'
import { topicOf } from './client/topics.ts'
import { logRecord } from './log/activity-reader.ts'
import { KafkaFeed, type ListTopic } from './log/kafka-feed.ts'
import { KafkaLogWriter } from './log/kafka-log-writer.ts'
import { KafkaWriterRegistry } from './log/kafka-writer-registry.ts'
import { newestFrames } from './log/newest-frames.ts'
import { PartitionLog } from './log/partition-log.ts'
import { SourcePlaces, sourceGroup } from './sources/source-places.ts'
import { TopicSource, type TopicSourceOptions } from './sources/topic-source.ts'
import { LogWatch } from './topics/log-watch.ts'
import { provisionCopy, provisionTopics } from './topics/provision-topics.ts'
import { RetentionWatch } from './topics/retention-watch.ts'

type ReaderCallbacks = [onError?: (error: RondoError) => void, answered?: () => void, assigned?: (partitions: readonly number[]) => void]

/** The event log on Kafka, as one process uses it. The caller closes what it opens here. */
export interface KafkaLog {
  writer(): KafkaLogWriter
  /** A writer to the topic `quarantine`: a frame is one refused record. */
  refusals(): KafkaLogWriter
  writers(): KafkaWriterRegistry
  /** As {@link KafkaLogReader} says. */
  reader(...callbacks: ReaderCallbacks): KafkaLogReader
  /** The list of one partition: of outputs unless another is named. */
  feed(partition: number, topic?: ListTopic): KafkaFeed
  groupPositions(): GroupPositions
  retention(): RetentionWatch
  watch(): LogWatch
  /** The records of a partition of `activity`, from its beginning to its present end. At the signal it throws the signal's reason. */
  records(partition: number, signal?: AbortSignal): AsyncIterable<LogRecord>
  /** The newest frames of a partition of `activity`, newest first, about `bytesMax` bytes of them or less. */
  newestFrames(partition: number, bytesMax: number): Promise<LogRecord[]>
  /** A topic of another system. Its position is kept under the source's name, for this log. */
  source(options: Omit<TopicSourceOptions, 'settings' | 'group'> & { readonly name: string }): TopicSource
  /** The positions of all sources in this log. */
  sourcePlaces(): SourcePlaces
}

/**
 * Creates missing topics, and checks that the existing ones have the declared settings.
 * @param use `copied`: no process works on it any more, and topics other than `activity` may be missing
 * @throws RondoError RONDO_LOG_MISMATCH, RONDO_LOG_INCOMPLETE, RONDO_LOG_UNAVAILABLE
 */
export async function openKafkaLog(settings: KafkaSettings, use: 'live' | 'copied' = 'live'): Promise<KafkaLog> {
  await (use === 'live' ? provisionTopics : provisionCopy)(settings)
  return {
    writer: () => new KafkaLogWriter(settings),
    refusals: () => new KafkaLogWriter(settings, { topic: 'quarantine', headers: SCHEMA }),
    writers: () => new KafkaWriterRegistry(settings),
    reader: (...callbacks) => new KafkaLogReader(settings, ...callbacks),
    feed: (partition, topic) => new KafkaFeed(settings, partition, topic),
    groupPositions: () => new GroupPositions(settings),
    retention: () => new RetentionWatch(settings),
    watch: () => new LogWatch(settings),
    records: (partition, signal) => recordsOf(settings, partition, signal),
    newestFrames: (partition, bytesMax) => newestFrames(settings, partition, bytesMax),
    source: ({ name, ...options }) => new TopicSource({ ...options, settings, group: sourceGroup(settings, name) }),
    sourcePlaces: () => new SourcePlaces(settings),
  }
}

async function* recordsOf(settings: KafkaSettings, partition: number, signal?: AbortSignal): AsyncGenerator<LogRecord> {
  const cluster = newCluster(settings)
  const log = new PartitionLog(cluster, topicOf(settings, 'activity'), partition)
  try {
    const { beginning } = await log.bounds()
    if (beginning > 0) throw beheaded(log.topic, partition, beginning)
    for await (const record of log.all(signal)) {
      signal?.throwIfAborted()
      yield logRecord(record)
    }
    // A read that was aborted is not complete.
    signal?.throwIfAborted()
  } finally {
    await cluster.disconnect()
  }
}

/** Outputs that follow from a part of a log are not those that followed from all of it. */
function beheaded(topic: string, partition: number, beginning: number): RondoError {
  const message = `Partition ${partition} of ${topic} begins at offset ${beginning}: what stood before was deleted, by retention or by hand. It cannot be copied, and nothing can be folded again from its beginning; restore the topic from a backup.`
  return new RondoError('RONDO_LOG_INCOMPLETE', message)
}
