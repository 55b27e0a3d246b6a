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
