import { expect, it } from '@jest/globals'
import { SimulatedClock } from './clock.ts'
import { Recency } from './recency.ts'

it('an event is as old as the time since it last happened, and one that never did is older than anything', () => {
  const clock = new SimulatedClock(1000)
  const answer = new Recency(clock)
  expect([answer.isKnown, answer.ageMs]).toEqual([false, Number.POSITIVE_INFINITY])
  answer.note()
  clock.advanceBy(300)
  expect([answer.isKnown, answer.ageMs]).toEqual([true, 300])
  answer.note()
  expect(answer.ageMs).toBe(0)
})
