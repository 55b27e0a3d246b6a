import { RondoError } from '#contracts'
import type { Clock } from '#runtime'
import type { Addresses } from '../activity/partitioned-lines.ts'
import type { LogRecord } from '../event-log.ts'
import type { RefusedStore } from '../refused-store.ts'
import { KafkaLogReader, type ReaderCallbacks } from './assignment/kafka-log-reader.ts'
import { SCHEMA } from './checkpoints/batch-records.ts'
import { CycleTimes } from './checkpoints/cycle-times.ts'
import { GroupPositions } from './checkpoints/group-positions.ts'
import { newCluster, newKafka } from './client/kafka-client.ts'
import { kafkaFailure } from './client/kafka-failure.ts'
import { cycleNameOf, cyclesOf, type KafkaSettings } from './client/kafka-settings.ts'
import { type TopicName, topicOf } from './client/topics.ts'
import { KafkaActivity } from './log/kafka-activity.ts'
import { KafkaFeed, type ListTopic } from './log/kafka-feed.ts'
import { KafkaLogWriter } from './log/kafka-log-writer.ts'
import { KafkaNames } from './log/kafka-names.ts'
import { KafkaWriterRegistry } from './log/kafka-writer-registry.ts'
import { logRecord } from './log/log-record.ts'
import { newestFrames } from './log/newest-frames.ts'
import { PartitionLog } from './log/partition-log.ts'
import { KafkaRefused } from './quarantine/kafka-refused.ts'
import { KafkaSettler } from './quarantine/kafka-settler.ts'
import { type RightHolder, requiredRights } from './rights/required-rights.ts'
import { sourceGroup } from './sources/source-group.ts'
import { SourcePositions } from './sources/source-positions.ts'
import { TopicSource, type TopicSourceOptions } from './sources/topic-source.ts'
import { LogWatch } from './topics/log-watch.ts'
import { provisionCopy, provisionTopics } from './topics/provision-topics.ts'
import { RetentionWatch } from './topics/retention-watch.ts'

const TAIL_LIMITS = { bytesMax: 4 << 20, waitMs: 0 }

/** What follows from the log for one cycle. */
export interface CycleLog {
  /** The name of the cycle. */
  readonly cycle: string
  /** Whether it has names without a cycle. */
  readonly isFirst: boolean
  /** The records of one partition of a topic, as a growing list: `transitions`, unless another topic is named. */
  feed(partition: number, topic?: ListTopic): KafkaFeed
  /** The names of events of one partition. */
  names(partition: number): KafkaNames
  /** How far the processors have folded the log for this cycle, for processes outside the group. */
  groupPositions(): GroupPositions
}

/** The event log on Kafka, as one process uses it. The caller closes what it opens here. */
export interface KafkaLog extends CycleLog {
  /** The cycles of the settings, in their order. The log itself is that of the first. */
  readonly cycles: readonly CycleLog[]
  writer(): KafkaLogWriter
  /** A writer to the topic `quarantine`: a frame is one refused record. */
  refusalWriter(): KafkaLogWriter
  /** The refused events in the topic `quarantine`. */
  refusedStore(): RefusedStore
  /** For what becomes of refused events. */
  /** @param addresses the actors that events name, for the cycles that run */
  settler(clock: Clock, addresses?: Addresses): KafkaSettler
  /** The registry of the writers of `activity`. */
  writers(): KafkaWriterRegistry
  /** A reader that joins the group of the settings, for all cycles. */
  reader(callbacks?: ReaderCallbacks): KafkaLogReader
  /** How far all cycles together have folded the log. */
  foldTimes(): CycleTimes
  /** Where each partition of `activity` begins. */
  retention(): RetentionWatch
  /** Checks the topics while a process runs. @param holder whose rights on them the process needs */
  watch(holder?: RightHolder): LogWatch
  /** The records of a partition of `activity`, from its beginning to its present end. When the signal is aborted, it throws the signal's reason. */
  records(partition: number, signal?: AbortSignal): AsyncIterable<LogRecord>
  /** A partition of `activity` from any offset, for a reader without a group. */
  activity(partition: number): KafkaActivity
  /** The newest frames of a partition of `activity`, newest first, about `bytesMax` bytes of them or less. */
  newestFrames(partition: number, bytesMax: number): Promise<LogRecord[]>
  /** The committed records of a partition from an offset on, or from the beginning if that is later, to the present end. */
  tail(topic: 'activity' | 'quarantine', partition: number, from: number): AsyncIterable<LogRecord>
  /** Which log this is: the cluster and the topic. An archive has it beside its records. */
  name(): Promise<Readonly<Record<string, string>>>
  /** The id of the Kafka cluster. */
  clusterId(): Promise<string>
  /** A topic of another system. Its position is kept under the source's name, for this log. */
  source(options: Omit<TopicSourceOptions, 'settings' | 'group'> & { readonly name: string }): TopicSource
  /** The positions of all sources in this log. */
  sourcePositions(): SourcePositions
}

/**
 * Creates missing topics, and checks that the existing ones have the declared settings.
 * @param use `copy-source`: the log is only copied. No process writes to it any more, and topics other than `activity` may be missing
 * @throws RondoError RONDO_LOG_MISMATCH, RONDO_LOG_INCOMPLETE, RONDO_LOG_UNAVAILABLE
 */
export async function openKafkaLog(settings: KafkaSettings, use: 'live' | 'copy-source' = 'live'): Promise<KafkaLog> {
  await (use === 'live' ? provisionTopics : provisionCopy)(settings)
  const [first, ...others] = cyclesOf(settings).map(cycleLog) as [CycleLog, ...CycleLog[]]
  return {
    ...first,
    cycles: [first, ...others],
    writer: () => new KafkaLogWriter(settings),
    refusalWriter: () => new KafkaLogWriter(settings, { topic: 'quarantine', headers: SCHEMA }),
    refusedStore: () => new KafkaRefused(settings),
    settler: (clock, addresses) => new KafkaSettler(settings, clock, addresses),
    writers: () => new KafkaWriterRegistry(settings),
    reader: (callbacks) => new KafkaLogReader(settings, callbacks),
    foldTimes: () => new CycleTimes(cyclesOf(settings).map((cycle) => new GroupPositions(cycle))),
    retention: () => new RetentionWatch(settings),
    watch: (holder) => new LogWatch(settings, holder === undefined ? [] : requiredRights(holder, settings)),
    records: (partition, signal) => recordsOf(settings, partition, signal),
    activity: (partition) => new KafkaActivity(settings, partition),
    newestFrames: (partition, bytesMax) => newestFrames(settings, partition, bytesMax),
    tail: (topic, partition, from) => tailOf(settings, { topic, partition }, from),
    name: async () => ({ cluster: await clusterId(settings), topic: topicOf(settings, 'activity') }),
    clusterId: () => clusterId(settings),
    source: ({ name, ...options }) => new TopicSource({ ...options, settings, group: sourceGroup(settings, name) }),
    sourcePositions: () => new SourcePositions(settings),
  }
}

function cycleLog(settings: KafkaSettings): CycleLog {
  return {
    cycle: cycleNameOf(settings),
    isFirst: settings.cycle === undefined,
    feed: (partition, topic) => new KafkaFeed(settings, partition, topic),
    names: (partition) => new KafkaNames(settings, partition),
    groupPositions: () => new GroupPositions(settings),
  }
}

async function* recordsOf(settings: KafkaSettings, partition: number, signal?: AbortSignal): AsyncGenerator<LogRecord> {
  const cluster = newCluster(settings)
  const log = new PartitionLog(cluster, topicOf(settings, 'activity'), partition)
  try {
    const { beginning } = await log.bounds()
    if (beginning > 0) throw beginningMissing(log.topic, partition, beginning)
    for await (const record of log.allRecords(signal)) {
      signal?.throwIfAborted()
      yield logRecord(record)
    }
    // A read that was aborted is not complete.
    signal?.throwIfAborted()
  } finally {
    await cluster.disconnect()
  }
}

async function* tailOf(settings: KafkaSettings, of: { topic: TopicName; partition: number }, from: number): AsyncGenerator<LogRecord> {
  const cluster = newCluster(settings)
  const log = new PartitionLog(cluster, topicOf(settings, of.topic), of.partition)
  try {
    const { beginning, stable } = await log.bounds()
    for (let at = Math.max(from, beginning); at < stable; ) {
      const { records, next } = await log.fetch(at, TAIL_LIMITS)
      for (const { offset, value } of records) yield { offset: Number(offset), frame: String(value) }
      at = next === at ? stable : next
    }
  } finally {
    await cluster.disconnect()
  }
}

async function clusterId(settings: KafkaSettings): Promise<string> {
  const admin = newKafka(settings).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).clusterId
  } catch (cause) {
    throw kafkaFailure('The cluster cannot be identified', cause)
  } finally {
    await admin.disconnect().catch(() => {})
  }
}

/** A part of a log does not give the same outputs as the complete log. */
function beginningMissing(topic: string, partition: number, beginning: number): RondoError {
  const message = `Partition ${partition} of ${topic} begins at offset ${beginning}: the records before it were deleted, by retention or by hand. It cannot be copied, and nothing can be folded again from its beginning. Name its archive (--archive, RONDO_ARCHIVE), or restore the topic from a backup.`
  return new RondoError('RONDO_LOG_INCOMPLETE', message)
}
