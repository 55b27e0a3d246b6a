import { describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { type CompiledCycle, PartitionFold } from '#cycle'
import { repartition } from '#event-log'
import { decodeFrame } from '#pipeline'
import { temporaryFolder } from '#runtime'
import { cycleOf } from '../bench/cycle.ts'
import { historyOf } from '../fixtures/processes/rondo-command.ts'
import { MemoryLog, recordsOf } from './memory-log.ts'
import { contributionsLog, framesOf, type RecordedLog, shopLog } from './recorded-logs.ts'

async function copyOver(frames: readonly string[][], partitions: number, appendedAt?: number): Promise<string[][]> {
  const to = new MemoryLog(partitions)
  await repartition({ from: frames.map((ofPartition) => recordsOf(ofPartition, appendedAt)), to })
  return to.frames
}

function folded(frames: readonly string[][], cycle: CompiledCycle): { outputs: Output[]; refused: number } {
  const outputs: Output[] = []
  let refused = 0
  for (const partition of frames) {
    const fold = new PartitionFold(cycle, { output: (output) => outputs.push(output) })
    for (const entry of partition.flatMap(decodeFrame)) {
      if (entry.kind === 'control') fold.apply(entry.record)
      else if (entry.kind === 'event') fold.apply(entry.event)
      else refused += 1
    }
  }
  return { outputs, refused }
}

describe('a log over another number of partitions', () => {
  const shop = shopLog(8_000)
  it.each([
    [3, 5],
    [5, 2],
    [1, 4],
    [4, 1],
  ])('has the same histories, copied from %i to %i partitions', async (before, after) => {
    const cycle = cycleOf('shop-customer')
    const frames = framesOf(shop, before)
    const expected = historyOf(folded(frames, cycle).outputs)
    expect(Object.keys(expected).length).toBeGreaterThan(100)
    expect(historyOf(folded(await copyOver(frames, after), cycle).outputs)).toEqual(expected)
  })

  it('has the same histories if a history was imported before the live events', async () => {
    using home = temporaryFolder()
    const imported = await contributionsLog(home.path)
    const cycle = cycleOf('presence-30d', { 'grace: 0s': 'grace: 30d' })
    const frames = framesOf(imported, 3)
    const expected = historyOf(folded(framesOf(imported, 1), cycle).outputs)
    expect(historyOf(folded(await copyOver(frames, 7), cycle).outputs)).toEqual(expected)
  })

  it('keeps unreadable lines, which the fold of the copy refuses again', async () => {
    const cycle = cycleOf('shop-customer')
    const frames = framesOf(shop, 3)
    frames[1]?.splice(2, 0, 'no JSON\n{"actor":7}\nnull\n{"record":"tick"}')
    expect(folded(frames, cycle).refused).toBe(4)
    const { outputs, refused } = folded(await copyOver(frames, 2), cycle)
    expect(refused).toBe(4)
    expect(historyOf(outputs)).toEqual(historyOf(folded(frames, cycle).outputs))
  })

  it('refuses records that were refused because of their append time, although the copy has a later append time', async () => {
    const cycle = cycleOf('shop-customer')
    const frames = framesOf(shop, 3)
    const appendedAt = shop.end + 1000
    const time = new Date(shop.end + 40 * 86_400_000).toISOString()
    const forged = [
      JSON.stringify({ record: 'tick', writer: 'ingest', time }),
      JSON.stringify({ record: 'backfill.begin', writer: 'import', time: new Date(shop.end).toISOString() }),
      JSON.stringify({ id: 'f', type: 'track', event: 'Visit', actor: { type: 'user', id: 'c1' }, time, receivedAt: time }),
    ]
    for (const partition of frames) partition.splice(1, 0, ...forged, '{"record":"tick","writer":"ingest","time":"2026-01-01T25:00:00.000Z"}')
    const { outputs, refused } = folded(await copyOver(frames, 2, appendedAt), cycle)
    // Three partitions, with three forged records and one invalid tick each.
    expect(refused).toBe(3 * 4)
    expect(historyOf(outputs)).toEqual(historyOf(folded(framesOf(shop, 1), cycle).outputs))
  })

  it('has all its writers closed, also writers that no process had closed, so that log time moves', async () => {
    const control = (record: string, writer: string, minute: number) => `{"record":"${record}","writer":"${writer}","time":"2026-01-01T00:0${minute}:00.000Z"}`
    const neverClosed = [control('writer.open', 'dead', 0), control('tick', 'dead', 1)]
    const closed = [control('writer.open', 'closed', 0), control('tick', 'closed', 2), control('writer.close', 'closed', 2)]
    const next = [control('writer.open', 'next', 3), control('tick', 'next', 4)]
    for (const frames of await copyOver([[...neverClosed, ...closed], [neverClosed.join('\n')]], 3)) {
      const fold = new PartitionFold(cycleOf('shop-customer'), { output() {} })
      for (const entry of [...frames, ...next].flatMap(decodeFrame)) if (entry.kind === 'control') fold.apply(entry.record)
      expect(new Date(fold.state.time.now).toISOString()).toBe('2026-01-01T00:04:00.000Z')
      expect(fold.state.time.strayRecords).toBe(0)
    }
  })

  // If the copy closed the sources one after the other, log time would move to the latest one, and later records of the other sources would be late.
  it('leaves its sources open, so that log time does not pass records that were not read yet', async () => {
    const control = (record: string, writer: string, minute: number) => `{"record":"${record}","writer":"${writer}","time":"2026-01-01T00:0${minute}:00.000Z"}`
    const [behind, ahead, retired] = ['source:orders/0', 'source:orders/1', 'source:old/0']
    const writers = [behind, ahead, retired, 'ingest']
    const begin = writers.flatMap((writer) => [control('writer.open', writer, 0), control('tick', writer, 1)])
    const ends = [control('writer.close', retired, 1), control('tick', ahead, 3), control('tick', 'ingest', 5), control('writer.close', 'ingest', 5)]
    const partition = [...begin, ...ends]
    const next = [control('writer.open', 'ingest/2', 6), control('tick', 'ingest/2', 6), control('tick', behind, 4), control('tick', ahead, 6)]
    // The second copy is a copy of the first one. Writers that are open in the first copy are open in the second one.
    let from = [partition, partition]
    for (const partitions of [3, 2]) {
      const to = new MemoryLog(partitions)
      expect((await repartition({ from: from.map((frames) => recordsOf(frames)), to })).sources.toSorted()).toEqual([behind, ahead])
      from = to.frames
    }
    for (const frames of from) {
      const fold = new PartitionFold(cycleOf('shop-customer'), { output() {} })
      const times = [...frames, ...next].flatMap(decodeFrame).map((entry) => {
        if (entry.kind === 'control') fold.apply(entry.record)
        return fold.state.time.now
      })
      expect(times.slice(-5).map((time) => new Date(time).toISOString().slice(14, 16))).toEqual(['01', '01', '01', '01', '04'])
      expect(fold.state.time.strayRecords).toBe(0)
    }
  })

  it('refuses a history that was imported after live events', async () => {
    const late: RecordedLog = { ...shop, records: [...shop.records, { record: 'backfill.begin', writer: 'h', time: '2026-01-01T00:00:00.000Z' }] }
    await expect(copyOver(framesOf(late, 2), 3)).rejects.toMatchObject({ code: 'RONDO_RECORD_FOREIGN' })
  })

  it.each([
    ['no partition', []],
    ['one partition', ['{"record":"backfill.end","writer":"h","time":"2026-01-01T00:00:00.000Z"}']],
  ])('refuses a history that was interrupted, with an end in %s', async (_, end) => {
    const begin = '{"record":"backfill.begin","writer":"h","time":"2026-01-01T00:00:00.000Z"}'
    await expect(copyOver([[begin, ...end], [begin]], 3)).rejects.toMatchObject({ code: 'RONDO_LOG_INCOMPLETE' })
  })
})
