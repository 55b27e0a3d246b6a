export { ActivityLog, type Addition } from './activity/activity-log.ts'
export type { ActivityState } from './activity/activity-state.ts'
export { partitionOf } from './activity/actor-partition.ts'
export { Backfill, type BackfillStatus } from './activity/backfill.ts'
export { foreignArrival, foreignControl } from './activity/foreign-records.ts'
export { packFrames, type TracedLines, tracesOfFrames } from './activity/frames.ts'
export { LogHistory } from './activity/log-history.ts'
export { type Addresses, PartitionedLines } from './activity/partitioned-lines.ts'
export { repartition } from './activity/repartition.ts'
export { sourceHeartbeat, sourceOf, sourceWriter } from './activity/source-writer.ts'
export type { LiveWriter, RegistryView, WriterRegistry } from './activity/writer-registry.ts'
export { archivedRead, archivedReader } from './archived-reader.ts'
export type {
  CheckpointPart,
  CommitBatch,
  CommitOutcome,
  Feed,
  FeedRecord,
  FrameTraces,
  LogArchive,
  LogReader,
  LogRecord,
  LogWriter,
  OwnedPartition,
  Ownership,
} from './event-log.ts'
export { followFeed } from './follow-feed.ts'
export type { RequiredRight, RightOperation } from './kafka/allowed/right.ts'
export type { FoldTimes } from './kafka/checkpoints/committed-position.ts'
export type { CycleTimes } from './kafka/checkpoints/cycle-times.ts'
export type { GroupPosition, GroupPositions } from './kafka/checkpoints/group-positions.ts'
export { type InspectedPartition, inspectKafkaLog, type LogInspection } from './kafka/checkpoints/inspect-log.ts'
export { BROKERS_EXPECTED, readBrokers } from './kafka/client/broker-list.ts'
export { namesOfCycles } from './kafka/client/cycle-settings.ts'
export type { KafkaLogin, KafkaSecurity } from './kafka/client/kafka-security.ts'
export type { KafkaSettings } from './kafka/client/kafka-settings.ts'
export { checkRetention } from './kafka/client/retention.ts'
export { allTopics, type TopicDeclaration } from './kafka/client/topics.ts'
export { openKafkaAdminLog } from './kafka/kafka-admin-log.ts'
export { KafkaHistory } from './kafka/kafka-history.ts'
export { type CycleLog, type KafkaLog, openKafkaLog } from './kafka/kafka-log.ts'
export type { KafkaActivity } from './kafka/log/kafka-activity.ts'
export type { KafkaFeed } from './kafka/log/kafka-feed.ts'
export { newestActivity } from './kafka/log/newest-activity.ts'
export { type AccessCheck, checkAccess } from './kafka/rights/check-access.ts'
export { type RightHolder, requiredRights, rightHolders } from './kafka/rights/required-rights.ts'
export type { SourcePosition } from './kafka/sources/source-positions.ts'
export type { TopicSource } from './kafka/sources/topic-source.ts'
export type { TopicRecord, TopicSourcePartition } from './kafka/sources/topic-source-partition.ts'
export { type DefectReason, defectReasons, type LogDefect, type LogStatus, type LogWatch, type RequiredRecords } from './kafka/topics/log-watch.ts'
export type { LogBeginning, RetentionWatch } from './kafka/topics/retention-watch.ts'
export { type KeptRefusal, REFUSED_START, type RefusedStore, type RefusedUsage, type Settlement, type Settler, type Settling } from './refused-store.ts'
export { checkArchivePlace } from './sqlite/archive-place.ts'
export type { BufferedFrame, BufferPart, NumberedFrame } from './sqlite/buffer-part.ts'
export { type AddedState, type DataFolder, type FolderState, joinDataFolder, type OpenArchive, openDataFolder, openFolderActs } from './sqlite/data-folder.ts'
export { EventBuffer } from './sqlite/event-buffer.ts'
export { fitsShare } from './sqlite/fair-share.ts'
export { FolderHistory, type StoredCheckpoints } from './sqlite/folder-history.ts'
export { lockFolder } from './sqlite/folder-lock.ts'
export { type FolderRecords, folderRecords } from './sqlite/folder-records.ts'
export { type FolderInspection, inspectFolder } from './sqlite/inspect-folder.ts'
export type { ReadModelTables, ReadModelWriter, StateTables, StoredOutputs } from './sqlite/read-model-tables.ts'
export type { StateReader } from './sqlite/sqlite-state-reader.ts'
export { type FolderTrim, openFolderTrim, type TrimRange, trimLog } from './sqlite/trim-log.ts'
