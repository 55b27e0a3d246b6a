import { formatInstant, type Instant, RondoError } from '#contracts'
import { environmentVariable } from './environment.ts'

/** The time of day as the process sees it. `now` never gives an earlier time than before. */
export interface Clock {
  now(): Instant
}

/** For tests with a wrong clock: how many milliseconds this process' clock is ahead. */
const shiftMs = Number(environmentVariable('RONDO_FAULT_CLOCK') ?? 0)

/** The wall clock of this machine; after it was set back, it repeats the last time until that time is reached again. */
export const systemClock: Clock = monotonic(() => Date.now() + shiftMs)

/** A clock that never goes back, made from a source that may. */
export function monotonic(source: () => Instant): Clock {
  let latest = Number.NEGATIVE_INFINITY
  return {
    now() {
      latest = Math.max(latest, source())
      return latest
    },
  }
}

/** A clock that moves only when it is advanced. The idea is that of packages/core/src/SimulatedClock.ts in statelyai/xstate. */
export class SimulatedClock implements Clock {
  #now: Instant

  constructor(start: Instant = 0) {
    this.#now = start
  }

  now(): Instant {
    return this.#now
  }

  /** @throws RondoError RONDO_INTERNAL if `at` is before now: a test must not turn time back. */
  advanceTo(at: Instant): void {
    if (!(at >= this.#now)) throw new RondoError('RONDO_INTERNAL', `The simulated clock is at ${formatInstant(this.#now)} and cannot go back to ${at}.`)
    this.#now = at
  }

  advanceBy(ms: number): void {
    this.advanceTo(this.#now + ms)
  }
}
