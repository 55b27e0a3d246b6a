import type { CheckpointPart, Feed, LogReader, LogRecord, LogWriter, OwnedPartition } from '../event-log.ts'

/** An event log under test, empty when it is made. */
export interface EventLogFixture {
  readonly writer: LogWriter
  readonly feed: Feed
  /** A reader that becomes the owner, while an earlier one may believe that it still is. */
  reader(): LogReader
  /** Closes everything and opens it again on the same data, as another process would: afterwards `writer` and `feed` are new ones. */
  restart(): Promise<void>
  dispose(): Promise<void>
}

/** Makes an empty event log for one test. */
export type EventLogFactory = (options: { partitions: number }) => Promise<EventLogFixture>

/** The log of the running test, with a way to own its partitions. */
export interface TestLog {
  readonly fixture: EventLogFixture
  /** Takes the partition over and resolves once it is assigned. */
  own(partition?: number): Promise<OwnedPartition>
}

/** Makes a reader the owner, and resolves once `partition` is assigned. */
export function ownedBy(reader: LogReader, partition = 0): Promise<OwnedPartition> {
  const { promise, resolve, reject } = Promise.withResolvers<OwnedPartition>()
  const assigned = (owned: OwnedPartition) => {
    if (owned.partition === partition) resolve(owned)
  }
  reader.own({ assigned, revoked: () => {} }).catch(reject)
  return promise
}

/** The frame of a record, for comparisons without offsets, which adapters choose. */
export function frameOf(record: LogRecord): string {
  return record.frame
}

/** All records from an offset on, read page by page until there are `count`. */
export async function readAll(owned: OwnedPartition, count: number, bytesMax = 1_000_000): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  while (records.length < count) {
    const page = await owned.read((records.at(-1)?.offset ?? -1) + 1, { bytesMax, waitMs: 5000 })
    if (page.length === 0) return records
    records.push(...page)
  }
  return records
}

/** Every part of a partition's checkpoints, in order of bucket. */
export async function allCheckpoints(owned: OwnedPartition): Promise<CheckpointPart[]> {
  const parts: CheckpointPart[] = []
  for await (const part of owned.checkpoints()) parts.push({ ...part, bytes: Uint8Array.from(part.bytes) })
  return parts.sort((a, b) => a.bucket - b.bucket)
}
