import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { type CycleDefinition, type Position } from '#contracts'
import { compileCycle, PartitionState, readDefinition } from '#cycle'
import type { CheckpointPart, CommitBatch, LogRecord } from '#event-log'
import { BUCKETS } from '#keyed-state'
import { Checkpoints, loadBucket } from './checkpoints.ts'
import { decodeFrame } from './decode-frame.ts'
import { EventNames } from './event-names.ts'
import { SharedReading } from './log-reading.ts'
import { readPartitionMetadata } from './partition-metadata.ts'
import { type BatchLimits, defaultLimits, PartitionRun, type StartPoint } from './partition-run.ts'

const file = join(import.meta.dirname, '../../../test/fixtures/cycles/presence-30d.yaml')
const cycle = compileCycle(readDefinition(readFileSync(file, 'utf8'), file).definition as CycleDefinition)
const AT = '2026-03-01T12:00:00.000Z'
const HOUR_MS = 3_600_000
const line = (id: string, source?: string): string =>
  JSON.stringify({ id, type: 'track', event: 'Beat', actor: { type: 'user', id: 'u' }, time: AT, receivedAt: AT, ...(source && { source }) })

const emptyState = (limits: BatchLimits = defaultLimits): Checkpoints =>
  new Checkpoints(cycle, new PartitionState(cycle), { round: limits.checkpointRound, renewMs: limits.checkpointRenewMs })

function startOfLog(limits: BatchLimits = defaultLimits): StartPoint {
  return { checkpoints: emptyState(limits), position: undefined, metadata: undefined, pushOuts: [], names: new EventNames(cycle.signals, [], 'beginning') }
}

/** The offsets from which runs have read. */
const reads: number[] = []
const reading = new SharedReading().join({
  read: async (offset) => {
    reads.push(offset)
    return []
  },
})
const runOf = (start: StartPoint, limits: BatchLimits = defaultLimits) => new PartitionRun({ partition: 0, generation: 1, limits, reading }, start)
const batchesOf = (run: PartitionRun, ...records: LogRecord[]): CommitBatch[] => [...run.fold(records)].map(({ batch }) => batch)

/** The offset from which a run reads. */
async function readsFrom(run: PartitionRun): Promise<number | undefined> {
  await run.read({ waitMs: 0 })
  return reads.at(-1)
}

it('counts the copies that each batch dropped, by the source through which they came', () => {
  const checkpoints = emptyState()
  const restored = checkpoints.fold({})
  for (const [index, entry] of decodeFrame(line('a')).entries()) restored.apply({ offset: 0, index }, entry, { budget: 0 })
  const run = runOf({ ...startOfLog(), checkpoints, position: { offset: 0, index: 0, cursor: null } })
  const lines = [line('a', 'orders'), line('b', 'orders'), line('b', 'refunds'), line('a'), line('a', 'orders')]
  const copiesOf = (record: LogRecord): unknown[] => [...run.fold([record])].map(({ copies }) => Object.fromEntries(copies))
  expect(copiesOf({ offset: 1, frame: lines.join('\n') })).toEqual([{ orders: 2, refunds: 1, '': 1 }])
  expect(copiesOf({ offset: 2, frame: line('c') })).toEqual([{}])
})

it('continues behind its position in the middle of a record, then at the next record', async () => {
  const run = runOf({ ...startOfLog(), position: { offset: 4, index: 1, cursor: null } })
  expect(await readsFrom(run)).toBe(4)
  expect(batchesOf(run)).toEqual([])
  const [batch] = batchesOf(run, { offset: 4, frame: [line('a'), line('b'), line('c')].join('\n') })
  expect(run.status.events).toMatchObject({ applied: 1 })
  expect(batch).toMatchObject({ previousPosition: { offset: 4, index: 1 }, position: { offset: 4, index: 2, cursor: null } })
  expect(await readsFrom(run)).toBe(5)
})

it('yields a batch whenever it is full, with the actor of the last deadline that fired as its cursor', () => {
  const limits = { ...defaultLimits, outputsMax: 2, firingsAtOnce: 1 }
  const run = runOf(startOfLog(), limits)
  const event = (actor: string): string => line(actor).replace('"id":"u"', `"id":"${actor}"`)
  const tick = (record: string, time: string): string => JSON.stringify({ record, writer: 'w', time })
  batchesOf(run, { offset: 0, frame: [tick('writer.open', AT), ...['a', 'b', 'c', 'd', 'e'].map(event)].join('\n') })
  const batches = batchesOf(run, { offset: 1, frame: tick('tick', '2026-05-01T12:00:00.000Z') })
  const fired = batches.flatMap(({ outputs }) => outputs.map(({ actor }) => actor.id))
  expect(fired).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(batches.map(({ position }) => position.cursor?.actor.id)).toEqual(['b', 'd', 'e'])
})

describe('checkpoints of an idle log with one tick each hour', () => {
  // One bucket has to be written each hour.
  const limits = { ...defaultLimits, checkpointRenewMs: BUCKETS * HOUR_MS }
  const HOURS_BEFORE_RESTART = 300
  const HOURS_AFTER_RESTART = 10
  /** The second round has written the buckets before this one again. */
  const OLDEST_BUCKET = HOURS_BEFORE_RESTART - BUCKETS

  /** Applies the ticks of some hours and the tick at their end. The offset of each tick is its hour. @returns the checkpoint parts */
  const applyHours = (run: PartitionRun, fromHour: number, hours: number): CheckpointPart[] =>
    Array.from({ length: hours + 1 }, (_, i) => {
      const appendedAt = Date.parse(AT) + (fromHour + i) * HOUR_MS
      const frame = JSON.stringify({ record: 'tick', writer: 'w', time: new Date(appendedAt).toISOString() })
      return batchesOf(run, { offset: fromHour + i, appendedAt, frame }).flatMap(({ checkpoints }) => checkpoints)
    }).flat()
  const bucketsOf = (parts: readonly CheckpointPart[]): number[] => parts.map(({ bucket }) => bucket)

  it('contain every bucket once in checkpointRenewMs, in turn', () => {
    const run = runOf(startOfLog(limits), limits)
    const parts = applyHours(run, 0, HOURS_BEFORE_RESTART)
    expect(bucketsOf(parts)).toEqual(Array.from({ length: HOURS_BEFORE_RESTART }, (_, i) => i % BUCKETS))
    // Bucket n was first written at the end of hour n.
    expect(run.status.restoreFrom).toBe(OLDEST_BUCKET + 1)
  })

  it('contain the oldest bucket first after a restart', () => {
    const parts = applyHours(runOf(startOfLog(limits), limits), 0, HOURS_BEFORE_RESTART)
    const committed = { offset: HOURS_BEFORE_RESTART, index: 0, cursor: null }
    const state = new PartitionState(cycle)
    const loaded = new Map<number, Position>()
    for (const part of new Map(parts.map((part) => [part.bucket, part])).values())
      loaded.set(part.bucket, loadBucket(cycle, state, part, committed)?.position ?? committed)
    const checkpoints = new Checkpoints(cycle, state, { round: limits.checkpointRound, renewMs: limits.checkpointRenewMs, loaded })
    const restarted = runOf({ ...startOfLog(), checkpoints, position: committed }, limits)
    const after = applyHours(restarted, HOURS_BEFORE_RESTART + 1, HOURS_AFTER_RESTART)
    expect(bucketsOf(after)).toEqual(Array.from({ length: HOURS_AFTER_RESTART }, (_, i) => OLDEST_BUCKET + i))
  })
})

it('writes no bucket because of time alone if the log keeps its records for ever', () => {
  const run = runOf(startOfLog())
  const frame = JSON.stringify({ record: 'tick', writer: 'w', time: AT })
  for (const hour of [0, 10_000]) expect(batchesOf(run, { offset: hour, appendedAt: Date.parse(AT) + hour * HOUR_MS, frame })[0]?.checkpoints).toEqual([])
})

it('keeps the newest arrival as dueAt after a restart, until log time has passed it', () => {
  const [batch] = batchesOf(runOf(startOfLog()), { offset: 0, frame: line('a') })
  expect(batch?.dueAt).toBe(Date.parse(AT))
  const restarted = runOf({ ...startOfLog(), position: batch?.position, metadata: readPartitionMetadata(batch?.partitionMetadata) })
  expect(restarted.dueAt).toBe(Date.parse(AT))
})
