import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import type { Rates } from '../rates/rates.ts'

/** Rates under test, with no bucket when they are made. */
export interface RatesFixture {
  readonly rates: Rates
  /** The time by the clock that fills the buckets. */
  now(): Promise<number>
  /** Lets time pass. */
  pass(): Promise<void>
}

/** Fills so slowly that the time of a test does not matter. */
const SLOW = { perSecond: 0.001, burst: 5 }
const QUICK = { perSecond: 1000, burst: 50 }

/** Tests of what {@link Rates} promise. */
export function describeRates(name: string, open: () => Promise<RatesFixture>): void {
  describe(`rates ${name}`, () => {
    let fixture: RatesFixture
    let rates: Rates
    beforeEach(async () => {
      fixture = await open()
      rates = fixture.rates
    })
    afterEach(() => rates.close())

    it('allow the burst at once, then refuse with the time to wait, and take nothing for what they refuse', async () => {
      for (let n = 0; n < 4; n++) expect(await rates.take('shop', 1, SLOW)).toBe(0)
      expect(await rates.take('shop', 2, SLOW)).toBe(0)
      const wait = await rates.take('shop', 1, SLOW)
      expect(wait).toBeGreaterThan(0)
      for (let n = 0; n < 3; n++) expect(await rates.take('shop', 1000, SLOW)).toBeLessThanOrEqual(wait)
    })

    it('let a bucket go into debt for a cost above its burst, and wait until the debt is paid', async () => {
      expect(await rates.take('shop', 8, SLOW)).toBe(0)
      const wait = await rates.take('shop', 1, SLOW)
      expect(wait).toBeGreaterThan(2_900_000)
      expect(wait).toBeLessThanOrEqual(3_000_000)
    })

    it('have one bucket for each name', async () => {
      expect(await rates.take('shop', 6, SLOW)).toBe(0)
      expect(await rates.take('shop', 1, SLOW)).toBeGreaterThan(0)
      expect(await rates.take('web', 6, SLOW)).toBe(0)
    })

    it('allow no more than the burst, the rate, and the last cost, however many ask at once', async () => {
      const from = await fixture.now()
      let [passed, costMax] = [0, 0]
      for (let round = 0; round < 20; round++) {
        const costs = Array.from({ length: 20 }, (_, n) => 1 + ((n * 7 + round) % 20))
        const waits = await Promise.all(costs.map(async (cost) => await rates.take('shop', cost, QUICK)))
        for (const [at, wait] of waits.entries()) {
          if (wait > 0) continue
          passed += costs[at] as number
          costMax = Math.max(costMax, costs[at] as number)
        }
        await fixture.pass()
      }
      const elapsedMs = (await fixture.now()) - from
      // A bucket in debt lets nothing pass until the debt is paid, so only the last cost can exceed what came in.
      expect(passed - costMax).toBeLessThanOrEqual(QUICK.burst + ((elapsedMs + 1) * QUICK.perSecond) / 1000)
      expect(passed).toBeGreaterThanOrEqual(QUICK.burst)
    })

    it('allow again what they have refused, and never more than the burst after a pause', async () => {
      expect(await rates.take('shop', 100, QUICK)).toBe(0)
      expect(await rates.take('shop', 1, QUICK)).toBeGreaterThan(0)
      await eventually(
        async () => {
          await fixture.pass()
          return await rates.take('shop', 1, QUICK)
        },
        (wait) => wait === 0,
      )
      // Full again, it has its burst and no more: 51 is a debt.
      const full = { perSecond: 0.001, burst: 50 }
      await rates.take('refilled', 0, full)
      await fixture.pass()
      expect(await rates.take('refilled', 51, full)).toBe(0)
      expect(await rates.take('refilled', 1, full)).toBeGreaterThan(0)
    })
  })
}
