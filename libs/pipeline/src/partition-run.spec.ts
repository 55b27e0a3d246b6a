import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { type CycleDefinition } from '#contracts'
import { compileCycle, readDefinition } from '#cycle'
import type { CheckpointPart } from '#event-log'
import { decodeFrame, type Entry } from './decode-frame.ts'
import { readPartitionMetadata } from './partition-metadata.ts'
import { defaultLimits, PartitionRun } from './partition-run.ts'

const file = join(import.meta.dirname, '../../../test/fixtures/cycles/presence-30d.yaml')
const cycle = compileCycle(readDefinition(readFileSync(file, 'utf8'), file).definition as CycleDefinition)
const AT = '2026-03-01T12:00:00.000Z'
const line = (id: string, source?: string): string =>
  JSON.stringify({ id, type: 'track', event: 'Beat', actor: { type: 'user', id: 'u' }, time: AT, receivedAt: AT, ...(source && { source }) })

it('counts dropped copies by what they came through, and those of a restore not again', () => {
  const run = new PartitionRun(cycle, { partition: 0, seed: 0, generation: 1, limits: defaultLimits })
  const apply = (offset: number, ...lines: string[]): void => {
    for (const [index, entry] of decodeFrame(lines.join('\n')).entries()) {
      run.apply(offset, index, entry)
      run.fire()
    }
  }
  apply(0, line('a'), line('a', 'orders'))
  expect(run.takeCopies()).toBeUndefined()
  run.resume({ offset: 0, index: 1, cursor: null }, undefined)
  apply(1, line('a', 'orders'), line('b', 'orders'), line('b', 'refunds'), line('a'), line('a', 'orders'))
  expect(Object.fromEntries(run.takeCopies() ?? [])).toEqual({ orders: 2, refunds: 1, '': 1 })
  expect(run.takeCopies()).toBeUndefined()
})

it('writes every bucket in the time that it is given, however little comes, and the oldest first after a restart', () => {
  const HOUR_MS = 3_600_000
  const begin = Date.parse(AT)
  const runOf = () => new PartitionRun(cycle, { partition: 0, seed: 0, generation: 1, limits: { ...defaultLimits, checkpointRenewMs: 256 * HOUR_MS } })
  /** An idle log: a tick each hour. @returns the buckets that were written */
  const pass = (run: PartitionRun, from: number, hours: number): CheckpointPart[] =>
    Array.from({ length: hours }, (_, hour) => {
      const time = new Date(begin + (from + hour) * HOUR_MS).toISOString()
      const [tick] = decodeFrame(JSON.stringify({ record: 'tick', writer: 'w', time }))
      run.apply(from + hour, 0, tick as Entry)
      run.checkpoints.advance(begin + (from + hour) * HOUR_MS)
      run.fire()
      return run.takeBatch().checkpoints
    }).flat()
  const first = runOf()
  first.resume(undefined, undefined)
  const written = pass(first, 0, 301)
  expect(written.map(({ bucket }) => bucket)).toEqual(Array.from({ length: 300 }, (_, at) => at % 256))
  expect(first.checkpoints.oldest).toMatchObject({ offset: 45 })

  const second = runOf()
  const committed = { offset: 300, index: 0, cursor: null }
  for (const part of new Map(written.map((part) => [part.bucket, part])).values()) second.checkpoints.load(part, committed)
  second.resume(committed, undefined)
  expect(pass(second, 301, 11).map(({ bucket }) => bucket)).toEqual([44, 45, 46, 47, 48, 49, 50, 51, 52, 53])
})

it('writes no bucket for the time that passes where the log is kept for ever', () => {
  const run = new PartitionRun(cycle, { partition: 0, seed: 0, generation: 1, limits: defaultLimits })
  run.resume(undefined, undefined)
  for (const hour of [0, 10_000]) run.checkpoints.advance(hour * 3_600_000)
  run.apply(0, 0, decodeFrame(line('a'))[0] as Entry)
  expect(run.takeBatch().checkpoints).toEqual([])
})

it('says after a restart that the newest arrival is still to be passed', () => {
  const first = new PartitionRun(cycle, { partition: 0, seed: 0, generation: 1, limits: defaultLimits })
  first.resume(undefined, undefined)
  first.apply(0, 0, decodeFrame(line('a'))[0] as Entry)
  const batch = first.takeBatch()
  expect(batch.dueAt).toBe(Date.parse(AT))
  const second = new PartitionRun(cycle, { partition: 0, seed: 0, generation: 1, limits: defaultLimits })
  second.resume(batch.position, readPartitionMetadata(batch.summary))
  expect(second.dueAt).toBe(Date.parse(AT))
})
