import { beforeEach, describe, expect, it } from '@jest/globals'
import type { ActivityEvent } from '#contracts'
import { type ControlRecord, instantOf } from '#contracts'
import { type FoldTimes, type LogWriter, partitionOf } from '#event-log'
import { SimulatedClock } from '#runtime'
import { MemoryRegistry } from '../../../../test/fixtures/ingest/memory-registry.ts'
import { admitted } from '../admission/ingest-log.ts'
import { KafkaIngestLog } from '../kafka/kafka-ingest-log.ts'
import { WriterLife } from './writer-life.ts'

const START = Date.parse('2026-03-01T00:00:00.000Z')
const NEVER = Number.POSITIVE_INFINITY

let clock: SimulatedClock
let frames: string[][]
let ingestLog: KafkaIngestLog
beforeEach(() => {
  clock = new SimulatedClock(START)
  frames = [[], []]
  const log: LogWriter = {
    partitions: 2,
    append: async (partition, of) => (frames[partition] as string[]).push(...of),
    close: async () => {},
  }
  ingestLog = new KafkaIngestLog({ writer: log, refusals: log, clock, onAlarm() {} })
})

const lifeOf = (folded: () => (FoldTimes | undefined)[], otherTicks: () => string[] = () => []): WriterLife =>
  new WriterLife({ log: ingestLog, registry: new MemoryRegistry(clock).registry(), name: 'here', beatMs: 2 ** 30, folded, otherTicks, onAlarm() {} })
const actorOf = (partition: number): string => ['a', 'b', 'c', 'd', 'e'].find((id) => partitionOf(id, 2) === partition) as string
const pendingWork = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}
async function beats(life: WriterLife, count: number): Promise<void> {
  for (let beat = 0; beat < count; beat++) {
    clock.advanceBy(1000)
    await life.beat()
    await pendingWork()
  }
}
const recordsOf = (partition: number): ControlRecord[] => (frames[partition] ?? []).flatMap((frame) => frame.split('\n')).map((line) => JSON.parse(line))
/** After the start, of this writer's ticks. */
const seconds = (partition: number): number[] =>
  recordsOf(partition).flatMap(({ record, writer, time }) => (record === 'tick' && writer !== 'other' ? [(instantOf(time) - START) / 1000] : []))

describe('the ticks of a writer', () => {
  it('come each second if something may be due, and each 15 s if it is known that nothing can be', async () => {
    const dueAt = [NEVER, START + 7_500]
    const life = lifeOf(() => dueAt.map((at) => ({ logTime: clock.now(), dueAt: at })))
    await life.start()
    await beats(life, 10)
    expect([seconds(0), seconds(1)]).toEqual([[1], [1, 8, 9, 10]])
    // A deadline has been armed, and has passed; the other one was spent.
    Object.assign(dueAt, [clock.now() - 1, NEVER])
    await beats(life, 3)
    dueAt[0] = NEVER
    await beats(life, 15)
    expect(seconds(0)).toEqual([1, 11, 12, 13, 28])
    expect(seconds(1)).toEqual([1, 8, 9, 10, 25])
  })

  it('come at once after other entries of this process, and at its end', async () => {
    const life = lifeOf(() => [0, 1].map(() => ({ logTime: clock.now(), dueAt: NEVER })))
    await life.start()
    await beats(life, 3)
    const event = { id: 'e', actor: { type: 'user', id: actorOf(1) } } as ActivityEvent
    await ingestLog.append(admitted([event], [], clock.now()))
    await beats(life, 3)
    expect([seconds(0), seconds(1)]).toEqual([[1], [1, 4]])
    await life.close()
    for (const partition of [0, 1])
      expect(
        recordsOf(partition)
          .map((record) => record.record)
          .slice(-2),
      ).toEqual(['tick', 'writer.close'])
  })

  it('come each second if it is not known what is due, or if the fold is far behind', async () => {
    const life = lifeOf(() => [{ logTime: START, dueAt: NEVER }, undefined])
    await life.start()
    await beats(life, 50)
    expect(seconds(0)).toEqual([1, 16, 31, 46, 47, 48, 49, 50])
    expect(seconds(1).length).toBe(50)
  })

  it('come with those of the other writers of the process, in one frame', async () => {
    const other = (): string => JSON.stringify({ record: 'tick', writer: 'other', time: new Date(clock.now() - 400).toISOString() })
    const life = lifeOf(
      () => [],
      () => [other(), other()],
    )
    await life.start()
    await beats(life, 1)
    expect(frames[0]?.map((frame) => frame.split('\n').length)).toEqual([1, 3])
  })
})
