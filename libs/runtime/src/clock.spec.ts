import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { monotonic, SimulatedClock, systemClock } from './clock.ts'

describe('a clock', () => {
  it('never goes back, even if its source does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (readings) => {
        const remaining = [...readings]
        const clock = monotonic(() => remaining.shift() ?? 0)
        const seen = readings.map(() => clock.now())
        expect(seen).toEqual(readings.map((_, i) => Math.max(...readings.slice(0, i + 1))))
      }),
    )
  })

  it('of the system gives the present time', () => {
    const before = Date.now()
    const now = systemClock.now()
    expect([before <= now, now <= Date.now()]).toEqual([true, true])
  })

  it('that is simulated moves only when it is advanced, and refuses to go back', () => {
    const clock = new SimulatedClock(1000)
    clock.advanceBy(0)
    expect(clock.now()).toBe(1000)
    clock.advanceTo(5000)
    expect(clock.now()).toBe(5000)
    expect(() => clock.advanceTo(4999)).toThrow('cannot go back')
    expect(() => clock.advanceBy(Number.NaN)).toThrow(expect.objectContaining({ code: 'RONDO_INTERNAL' }))
    expect(clock.now()).toBe(5000)
  })
})
