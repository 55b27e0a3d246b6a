import { SimulatedClock } from '#runtime'
import { describeRates } from '../conformance/rates.conformance.ts'
import { LocalRates } from './local-rates.ts'

describeRates('of one process', async () => {
  const clock = new SimulatedClock(0)
  return { rates: new LocalRates(clock), now: async () => clock.now(), pass: async () => void clock.advanceBy(10) }
})
