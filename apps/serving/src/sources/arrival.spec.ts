import { describe, expect, it } from '@jest/globals'
import type { GroupPosition } from '#event-log'
import { Arrival } from './arrival.ts'

const HOUR_MS = 3_600_000
const at = (offset: number, logTime: number): GroupPosition => ({ offset, index: 0, cursor: null, logTime })

/** An arrival whose positions a test changes. */
function arrivalOf(own: (GroupPosition | undefined)[], ...others: (GroupPosition | undefined)[][]) {
  const positions = { own, others }
  return {
    positions,
    arrival: new Arrival(
      () => positions.own,
      () => positions.others,
    ),
  }
}

describe('a cycle that is added', () => {
  it('has arrived when it is near the others in every partition', () => {
    const { positions, arrival } = arrivalOf([undefined, at(9, HOUR_MS)], [at(99, HOUR_MS), at(9, HOUR_MS)])
    expect(arrival.progress).toEqual({ folded: 10, records: 110 })
    positions.own = [at(49, 1000), at(9, HOUR_MS)]
    expect(arrival.progress).toEqual({ folded: 60, records: 110 })
    positions.own = [at(98, HOUR_MS - 5000), at(9, HOUR_MS)]
    expect(arrival.progress).toBeNull()
  })

  it('stays where it is shown, also if it falls behind', () => {
    const { positions, arrival } = arrivalOf([at(9, HOUR_MS)], [at(9, HOUR_MS)])
    expect(arrival.progress).toBeNull()
    positions.others = [[at(99, 5 * HOUR_MS)]]
    expect(arrival.progress).toBeNull()
  })

  it('has not arrived while its positions are not known', () => {
    expect(arrivalOf([], [at(9, HOUR_MS)]).arrival.progress).toEqual({ folded: 0, records: 0 })
  })

  it('has arrived in a log in which nothing was folded for any cycle, or which no tick has moved', () => {
    expect(arrivalOf([undefined, undefined], [undefined, undefined]).arrival.progress).toBeNull()
    expect(arrivalOf([undefined], [at(5, Number.NEGATIVE_INFINITY)]).arrival.progress).toBeNull()
  })

  it('is measured by the cycle that has come furthest', () => {
    const { arrival } = arrivalOf([at(9, HOUR_MS)], [at(9, HOUR_MS)], [at(99, 9 * HOUR_MS)])
    expect(arrival.progress).toEqual({ folded: 10, records: 100 })
  })
})
