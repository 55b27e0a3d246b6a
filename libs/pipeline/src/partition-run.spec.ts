import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { type CycleDefinition } from '#contracts'
import { compileCycle, PartitionFold, PartitionState, readDefinition } from '#cycle'
import type { CheckpointPart, CommitBatch } from '#event-log'
import { Checkpoints } from './checkpoints.ts'
import { decodeFrame } from './decode-frame.ts'
import { readPartitionMetadata } from './partition-metadata.ts'
import { type BatchLimits, defaultLimits, PartitionRun, type StartPoint } from './partition-run.ts'

const file = join(import.meta.dirname, '../../../test/fixtures/cycles/presence-30d.yaml')
const cycle = compileCycle(readDefinition(readFileSync(file, 'utf8'), file).definition as CycleDefinition)
const AT = '2026-03-01T12:00:00.000Z'
const HOUR_MS = 3_600_000
const line = (id: string, source?: string): string =>
  JSON.stringify({ id, type: 'track', event: 'Beat', actor: { type: 'user', id: 'u' }, time: AT, receivedAt: AT, ...(source && { source }) })

function beginOf(limits: BatchLimits = defaultLimits): StartPoint {
  const state = new PartitionState(cycle)
  const checkpoints = new Checkpoints(cycle, state, { round: limits.checkpointRound, renewMs: limits.checkpointRenewMs })
  return { state, checkpoints, position: undefined, metadata: undefined, pushOuts: [] }
}

const runOf = (start: StartPoint, limits: BatchLimits = defaultLimits) => new PartitionRun(cycle, { partition: 0, generation: 1, limits }, start)

/** Applies one record, and takes everything that the run has made. */
function batchesOf(run: PartitionRun, record: Parameters<PartitionRun['apply']>[0]): CommitBatch[] {
  return [...run.apply(record), ...run.flush()]
}

it('counts dropped copies by what they came through', () => {
  const start = beginOf()
  const restored = new PartitionFold(cycle, {}, { state: start.state })
  for (const entry of decodeFrame(line('a'))) if (entry.kind === 'event') restored.apply(entry.event)
  const run = runOf({ ...start, position: { offset: 0, index: 0, cursor: null } })
  expect(run.takeCopies()).toBeUndefined()
  const lines = [line('a', 'orders'), line('b', 'orders'), line('b', 'refunds'), line('a'), line('a', 'orders')]
  batchesOf(run, { offset: 1, frame: lines.join('\n') })
  expect(Object.fromEntries(run.takeCopies() ?? [])).toEqual({ orders: 2, refunds: 1, '': 1 })
  expect(run.takeCopies()).toBeUndefined()
})

it('continues inside a record at its position, and after a record that is applied', () => {
  const run = runOf({ ...beginOf(), position: { offset: 4, index: 1, cursor: null } })
  expect(run.nextOffset).toBe(4)
  expect([...run.flush()]).toEqual([])
  const [batch] = batchesOf(run, { offset: 4, frame: [line('a'), line('b'), line('c')].join('\n') })
  expect(run.status.events).toMatchObject({ applied: 1 })
  expect(batch).toMatchObject({ base: { offset: 4, index: 1 }, position: { offset: 4, index: 2, cursor: null } })
  expect(run.nextOffset).toBe(5)
})

it('yields a batch whenever it is full, with the deadline that it has come to', () => {
  const limits = { ...defaultLimits, outputsMax: 2, firingsAtOnce: 1 }
  const run = runOf(beginOf(), limits)
  const event = (actor: string): string => line(actor).replace('"id":"u"', `"id":"${actor}"`)
  const tick = (record: string, time: string): string => JSON.stringify({ record, writer: 'w', time })
  batchesOf(run, { offset: 0, frame: [tick('writer.open', AT), ...['a', 'b', 'c', 'd', 'e'].map(event)].join('\n') })
  const batches = batchesOf(run, { offset: 1, frame: tick('tick', '2026-05-01T12:00:00.000Z') })
  const fired = batches.flatMap(({ outputs }) => outputs.map(({ actor }) => actor.id))
  expect(fired).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(batches.map(({ position }) => position.cursor?.actor.id)).toEqual(['b', 'd', 'e'])
})

it('writes every bucket in the time that it is given, however little comes, and the oldest first after a restart', () => {
  const begin = Date.parse(AT)
  const limits = { ...defaultLimits, checkpointRenewMs: 256 * HOUR_MS }
  /** An idle log: a tick each hour. @returns the buckets that were written */
  const pass = (run: PartitionRun, from: number, hours: number): CheckpointPart[] =>
    Array.from({ length: hours }, (_, hour) => {
      const appendedAt = begin + (from + hour) * HOUR_MS
      const frame = JSON.stringify({ record: 'tick', writer: 'w', time: new Date(appendedAt).toISOString() })
      return batchesOf(run, { offset: from + hour, appendedAt, frame }).flatMap(({ checkpoints }) => checkpoints)
    }).flat()
  const first = runOf(beginOf(limits), limits)
  const written = pass(first, 0, 301)
  expect(written.map(({ bucket }) => bucket)).toEqual(Array.from({ length: 300 }, (_, at) => at % 256))
  expect(first.status.restoreFrom).toBe(45)

  const start = beginOf(limits)
  const committed = { offset: 300, index: 0, cursor: null }
  for (const part of new Map(written.map((part) => [part.bucket, part])).values()) start.checkpoints.load(part, committed)
  const second = runOf({ ...start, position: committed }, limits)
  expect(pass(second, 301, 11).map(({ bucket }) => bucket)).toEqual([44, 45, 46, 47, 48, 49, 50, 51, 52, 53])
})

it('writes no bucket for the time that passes where the log is kept for ever', () => {
  const run = runOf(beginOf())
  const frame = JSON.stringify({ record: 'tick', writer: 'w', time: AT })
  for (const hour of [0, 10_000]) expect(batchesOf(run, { offset: hour, appendedAt: Date.parse(AT) + hour * HOUR_MS, frame })[0]?.checkpoints).toEqual([])
})

it('says after a restart that the newest arrival is still to be passed', () => {
  const [batch] = batchesOf(runOf(beginOf()), { offset: 0, frame: line('a') })
  expect(batch?.dueAt).toBe(Date.parse(AT))
  const second = runOf({ ...beginOf(), position: batch?.position, metadata: readPartitionMetadata(batch?.partitionMetadata) })
  expect(second.dueAt).toBe(Date.parse(AT))
})
