import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { CheckpointPart, Feed, LogReader, LogRecord, LogWriter, OwnedPartition } from '../event-log.ts'
import { describeCommits } from './commit.conformance.ts'
import { describeReads } from './log.conformance.ts'

/** An event log under test, empty when it is made. */
export interface EventLogFixture {
  readonly writer: LogWriter
  readonly feed: Feed
  /** A reader that becomes the owner, though one made before may believe that it still is. */
  reader(): LogReader
  /** Everything closed and opened anew on the same data, as by another process: `writer` and `feed` are others afterwards. */
  restart(): Promise<void>
  dispose(): Promise<void>
}

export type EventLogFactory = (options: { partitions: number }) => Promise<EventLogFixture>

/** A partition's owner for as long as a test needs it. */
export interface TestLog {
  readonly fixture: EventLogFixture
  /** Takes the partition over and resolves once it is assigned. */
  own(partition?: number): Promise<OwnedPartition>
}

/**
 * What every adapter of the event log must do. An adapter's spec calls it with a factory; what only that adapter promises it tests itself.
 * Idea: watermill's test_pubsub.go.
 */
export function describeEventLog(name: string, factory: EventLogFactory): void {
  describe(`the event log on ${name}`, () => {
    const log = {} as { fixture: EventLogFixture; own: TestLog['own'] }

    beforeEach(async () => {
      log.fixture = await factory({ partitions: 2 })
      log.own = (partition = 0) => ownedBy(log.fixture.reader(), partition)
    })
    afterEach(() => log.fixture.dispose())

    describeReads(log)
    describeCommits(log)

    it('hands over every partition, and takes each back when the reader closes', async () => {
      const reader = log.fixture.reader()
      const events: string[] = []
      const both = new Promise<void>((resolve) => {
        reader.own({
          assigned: (owned) => {
            if (events.push(`+${owned.partition}`) === 2) resolve()
          },
          revoked: (partition) => events.push(`-${partition}`),
        })
      })
      await both
      await reader.close()
      expect(events.sort()).toEqual(['+0', '+1', '-0', '-1'])
    })

    it('gives partitions positions of their own', async () => {
      const [first, second] = [await log.own(0), await log.own(1)]
      expect(await first.committed()).toBeUndefined()
      await log.fixture.writer.append(1, ['{"a":1}'])
      expect((await second.read(0, { bytesMax: 1000, waitMs: 5000 })).map(frameOf)).toEqual(['{"a":1}'])
      expect(await first.read(0, { bytesMax: 1000, waitMs: 0 })).toEqual([])
    })

    it('refuses a partition that there is not', async () => {
      await expect(log.fixture.writer.append(2, ['{}'])).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
      await expect(log.fixture.writer.append(-1, ['{}'])).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
    })
  })
}

function ownedBy(reader: LogReader, partition: number): Promise<OwnedPartition> {
  return new Promise((resolve, reject) => {
    const assigned = (owned: OwnedPartition) => {
      if (owned.partition === partition) resolve(owned)
    }
    reader.own({ assigned, revoked: () => {} }).catch(reject)
  })
}

/** The frame of a record, for comparisons that leave out offsets, which adapters choose. */
export function frameOf(record: LogRecord): string {
  return record.frame
}

/** Every record from an offset on, read page by page until `count` are there. */
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
