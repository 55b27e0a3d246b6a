import { describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { StageTally } from './stage-tally.ts'

const stay = (from: string, to: string, dwellMs: number | null, kind: Output['kind'] = 'advance') => ({ kind, from, to, dwellMs, line: undefined })

describe('the tally', () => {
  it('counts each actor in the stage that it entered last', () => {
    const tally = new StageTally()
    for (const _ of [1, 2, 3]) tally.add(stay('start', 'here', null))
    tally.add(stay('here', 'away', 5, 'disengage'))
    expect([tally.actorsIn('here'), tally.actorsIn('away'), tally.actorsIn('never')]).toEqual([2, 1, 0])
    expect(tally.kinds).toMatchObject({ advance: 3, disengage: 1, return: 0 })
  })

  it('does not count a notice as a move or a stay', () => {
    const tally = new StageTally()
    tally.add(stay('start', 'here', null))
    tally.add(stay('here', 'here', 7, 'notice'))
    expect([tally.actorsIn('here'), tally.medianDwell('here'), tally.kinds.notice]).toEqual([1, undefined, 1])
  })

  it.each([
    [[3], 3],
    [[9, 1, 2], 2],
    [[1, 2, 10, 4], 3],
    [Array.from({ length: 1001 }, (_, index) => index * 1000), 500_000],
  ])('takes the median of the stays', (stays, median) => {
    const tally = new StageTally()
    for (const dwellMs of stays) tally.add(stay('here', 'away', dwellMs))
    expect(tally.medianDwell('here')).toBe(median)
    expect(tally.medianDwell('away')).toBeUndefined()
  })
})
