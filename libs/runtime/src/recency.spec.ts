import { expect, it } from '@jest/globals'
import { SimulatedClock } from './clock.ts'
import { Recency } from './recency.ts'

it('gives the time since an event last happened, and infinity if it never happened', () => {
  const clock = new SimulatedClock(1000)
  const answer = new Recency(clock)
  expect([answer.isKnown, answer.ageMs]).toEqual([false, Number.POSITIVE_INFINITY])
  answer.renew()
  clock.advanceBy(300)
  expect([answer.isKnown, answer.ageMs]).toEqual([true, 300])
  answer.renew()
  expect(answer.ageMs).toBe(0)
})
