import type { LogRecord } from '#event-log'
import type { LogName } from './manifest.ts'

/** A log that is archived, whatever keeps it. */
export interface ArchivedLog {
  readonly name: LogName
  readonly partitions: number
  /** The first offset that the log still has, and the offset after its last record. */
  bounds(partition: number): Promise<{ readonly begin: number; readonly end: number }>
  /** The records of a partition from an offset on, to the present end. */
  records(partition: number, from: number): AsyncIterable<LogRecord>
}
