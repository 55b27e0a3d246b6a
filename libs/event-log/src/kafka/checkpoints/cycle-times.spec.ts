import { describe, expect, it } from '@jest/globals'
import type { FoldTimes } from './committed-position.ts'
import { CycleTimes } from './cycle-times.ts'

const timesOf = (...cycles: (FoldTimes | undefined)[][]): Promise<(FoldTimes | undefined)[]> =>
  new CycleTimes(cycles.map((times) => ({ foldTimes: async () => times, close: async () => {} }))).foldTimes()

describe('the times of several cycles', () => {
  it('are the least log time, the earliest due time and the longest grace of each partition', async () => {
    const first = [
      { logTime: 10, dueAt: 20, graceMs: 5 },
      { logTime: 30, dueAt: Number.POSITIVE_INFINITY, graceMs: 5 },
    ]
    const second = [
      { logTime: 12, dueAt: 15, graceMs: 7 },
      { logTime: Number.NEGATIVE_INFINITY, dueAt: 31, graceMs: 3 },
    ]
    expect(await timesOf(first, second)).toEqual([
      { logTime: 10, dueAt: 15, graceMs: 7 },
      { logTime: Number.NEGATIVE_INFINITY, dueAt: 31, graceMs: 5 },
    ])
  })

  it('are unknown where one of them has folded nothing', async () => {
    const known = { logTime: 10, dueAt: 20, graceMs: 5 }
    expect(await timesOf([known, known], [undefined, known])).toEqual([undefined, known])
  })

  it('have no grace where a cycle has none', async () => {
    expect(await timesOf([{ logTime: 10, dueAt: 20, graceMs: 5 }], [{ logTime: 10, dueAt: 20 }])).toEqual([{ logTime: 10, dueAt: 20 }])
  })

  it('are those of the only cycle', async () => {
    expect(await timesOf([{ logTime: 1, dueAt: 2, graceMs: 3 }])).toEqual([{ logTime: 1, dueAt: 2, graceMs: 3 }])
  })
})
