export { ActivityLog, type Addition } from './activity/activity-log.ts'
export type { ActivityState } from './activity/activity-state.ts'
export { partitionOf } from './activity/actor-partition.ts'
export { Backfill, type BackfillProgress, type BackfillRows } from './activity/backfill.ts'
export { foreignArrival, foreignControl } from './activity/foreign-records.ts'
export { packFrames } from './activity/frames.ts'
export { LogHistory } from './activity/log-history.ts'
export { PartitionedLines } from './activity/partitioned-lines.ts'
export { repartition } from './activity/repartition.ts'
export { sourceHeartbeat, sourceOf, sourceWriter } from './activity/source-writer.ts'
export type { LiveWriter, RegistryView, WriterHeartbeat, WriterRegistry } from './activity/writer-registry.ts'
export type {
  CheckpointPart,
  Feed,
  FeedRecord,
  LogReader,
  LogRecord,
  LogWriter,
  OwnedPartition,
  Ownership,
  Step,
  StepOutcome,
} from './event-log.ts'
export { BROKERS_EXPECTED, readBrokers } from './kafka/broker-list.ts'
export type { FoldProgress } from './kafka/committed-position.ts'
export type { KafkaFeed } from './kafka/kafka-feed.ts'
export { type KafkaLog, openKafkaLog } from './kafka/kafka-log.ts'
export type { GroupPosition, KafkaProgress } from './kafka/kafka-progress.ts'
export { defaultTimes, type KafkaSettings, type KafkaTimes } from './kafka/kafka-settings.ts'
export { type FaultReason, faultReasons, type LogFault, type LogNeed, type LogSight, type LogWatch } from './kafka/log-watch.ts'
export type { LogBeginning, RetentionWatch } from './kafka/retention-watch.ts'
export type { SourcePlace } from './kafka/source-places.ts'
export type { TopicReaders, TopicSource } from './kafka/topic-source.ts'
export type { TopicRecord, TopicSourcePartition } from './kafka/topic-source-partition.ts'
export { type DataFolder, type DataFolderOptions, joinDataFolder, openDataFolder } from './sqlite/data-folder.ts'
export type { Note, SqliteLogWriter } from './sqlite/sqlite-log-writer.ts'
export type { StateReader } from './sqlite/sqlite-state-reader.ts'
export type { StateExtension, StateTables, StateWriter, StoredOutputs } from './sqlite/state-extension.ts'
