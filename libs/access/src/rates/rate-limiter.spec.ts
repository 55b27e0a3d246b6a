import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { RateLimiter } from './rate-limiter.ts'

const limit = { perSecond: 10, burst: 5 }

it('allows at most the burst, plus the rate, plus the cost of one request that puts the bucket into debt', () => {
  const requests = fc.array(fc.record({ cost: fc.integer({ min: 1, max: 20 }), pauseMs: fc.nat(1000) }), { maxLength: 100 })
  fc.assert(
    fc.property(requests, (all) => {
      const limiter = new RateLimiter()
      let [now, passed, last] = [0, 0, 0]
      for (const { cost, pauseMs } of all) {
        now += pauseMs
        if (limiter.take('a', cost, limit, now) > 0) continue
        passed += cost
        last = cost
      }
      expect(passed - last).toBeLessThanOrEqual(limit.burst + (now * limit.perSecond) / 1000 + 1e-6)
    }),
  )
})

it('allows a refused request after the wait that it returned', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 30 }), (costs) => {
      const limiter = new RateLimiter()
      let now = 0
      for (const cost of costs) {
        const waitMs = limiter.take('a', cost, limit, now)
        now += waitMs
        if (waitMs > 0) expect(limiter.take('a', cost, limit, now + 1)).toBe(0)
      }
    }),
  )
})

it('has one bucket for each name, and forgets names above namesMax', () => {
  const limiter = new RateLimiter({ namesMax: 3 })
  expect(limiter.take('a', limit.burst, limit, 0)).toBe(0)
  // The bucket is empty: a token comes in the next millisecond, which is the shortest wait.
  expect(limiter.take('a', 1, limit, 0)).toBe(1)
  expect(limiter.take('b', 1, limit, 0)).toBe(0)
  for (const name of 'cdefghij') limiter.take(name, 1, limit, 0)
  expect(limiter.size).toBe(3)
})
