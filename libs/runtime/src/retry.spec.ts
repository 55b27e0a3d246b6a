import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { RondoError } from '#contracts'
import { SimulatedClock } from './clock.ts'
import { anyFailure, type Pause, pause, poll, retry } from './retry.ts'

const retriable = new RondoError('RONDO_LOG_UNAVAILABLE', 'The log is out of reach.', { retriable: true })
const permanent = new RondoError('RONDO_LOG_MISMATCH', 'The topic is another one.')

/** A clock with pauses that end at once, and the instants of the attempts. */
class Attempts {
  readonly clock = new SimulatedClock()
  readonly at: number[] = []
  readonly end = new AbortController()
  readonly wait: Pause = async (ms, signal) => {
    if (signal?.aborted !== true) this.clock.advanceBy(ms)
  }

  /** Work that fails `times` times, then succeeds. */
  failing(times: number, failure: unknown = retriable): () => Promise<string> {
    return async () => {
      this.at.push(this.clock.now())
      if (this.at.length <= times) throw failure
      return 'done'
    }
  }
}

describe('retry', () => {
  it('waits twice as long after each failure, up to a limit', async () => {
    const attempts = new Attempts()
    expect(await retry(attempts.failing(6), { pauseMs: 100, pauseMsMax: 500, wait: attempts.wait })).toBe('done')
    // The pauses are 100, 200, 400, and then the limit of 500.
    expect(attempts.at).toEqual([0, 100, 300, 700, 1200, 1700, 2200])
  })

  it('waits equally long if no limit is given', async () => {
    const attempts = new Attempts()
    await retry(attempts.failing(3), { pauseMs: 100, wait: attempts.wait })
    expect(attempts.at).toEqual([0, 100, 200, 300])
  })

  it('reports the failures that are followed by another attempt, and throws the last one', async () => {
    const attempts = new Attempts()
    const reported: RondoError[] = []
    const options = { pauseMs: 1, attemptsMax: 3, wait: attempts.wait, onFailure: (failure: RondoError) => reported.push(failure) }
    await expect(retry(attempts.failing(9), options)).rejects.toBe(retriable)
    expect([attempts.at, reported]).toEqual([
      [0, 1, 2],
      [retriable, retriable],
    ])
  })

  it('throws errors that are not retriable, unless the caller retries every failure', async () => {
    const attempts = new Attempts()
    const { wait } = attempts
    for (const failure of [permanent, new TypeError('x is undefined')]) {
      await expect(retry(attempts.failing(1, failure), { pauseMs: 1, wait })).rejects.toBe(failure)
      attempts.at.length = 0
      expect(await retry(attempts.failing(1, failure), { pauseMs: 1, wait, retryOn: anyFailure })).toBe('done')
      attempts.at.length = 0
    }
  })

  it('begins no attempt after the signal, which may come during an attempt or a pause', async () => {
    const property = fc.asyncProperty(fc.nat(10), fc.nat(10), fc.boolean(), async (failures, attemptsMax, isInPause) => {
      const attempts = new Attempts()
      const work = attempts.failing(failures)
      const endWhenDue = (): void => (attempts.at.length >= attemptsMax ? attempts.end.abort() : undefined)
      if (attemptsMax === 0) endWhenDue()
      const wait: Pause = async (ms, signal) => {
        endWhenDue()
        await attempts.wait(ms, signal)
      }
      const watched = isInPause ? work : () => work().finally(endWhenDue)
      const answer = await retry(watched, { pauseMs: 1, signal: attempts.end.signal, wait })
      expect(attempts.at).toHaveLength(Math.min(failures + 1, attemptsMax))
      expect(answer).toBe(attempts.at.length > failures ? 'done' : undefined)
    })
    await fc.assert(property)
  })

  it('neither reports nor throws failures after the signal', async () => {
    const end = new AbortController()
    const reported: unknown[] = []
    const work = async (): Promise<never> => {
      end.abort()
      throw permanent
    }
    expect(await retry(work, { pauseMs: 1, signal: end.signal, onFailure: (failure) => reported.push(failure) })).toBe(undefined)
    expect(reported).toEqual([])
  })
})

describe('poll', () => {
  it('repeats the call, with a pause after each, until the signal', async () => {
    const { at, clock, end, wait } = new Attempts()
    const work = async (): Promise<void> => {
      at.push(clock.now())
      clock.advanceBy(7)
      if (at.length === 3) end.abort()
    }
    await poll(work, { pauseMs: 100, signal: end.signal, wait })
    // A call takes 7 ms and a pause 100 ms; the signal of the third call ends the last pause at once.
    expect([at, clock.now()]).toEqual([[0, 107, 214], 221])
    await poll(work, { pauseMs: 100, signal: end.signal, wait })
    expect(at).toHaveLength(3)
  })

  it('continues after a failure if there is a callback, and ends otherwise', async () => {
    const attempts = new Attempts()
    const { end, wait } = attempts
    const failures: unknown[] = []
    const work = async (): Promise<void> => {
      await attempts.failing(2, permanent)()
      end.abort()
    }
    await poll(work, { pauseMs: 100, signal: end.signal, wait, onFailure: (failure) => failures.push(failure) })
    expect([attempts.at, failures]).toEqual([
      [0, 100, 200],
      [permanent, permanent],
    ])
    await expect(poll(new Attempts().failing(1, permanent) as never, { pauseMs: 1, signal: new AbortController().signal, wait })).rejects.toBe(permanent)
  })
})

describe('a pause', () => {
  it('ends at the signal, however long it is', async () => {
    const end = new AbortController()
    const pausing = pause(3_600_000, end.signal)
    end.abort()
    await pausing
    await pause(3_600_000, end.signal)
  })

  it('ends after its time without a signal', async () => {
    await pause(1)
  })
})
