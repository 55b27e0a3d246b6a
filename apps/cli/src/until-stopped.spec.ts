import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { untilStopped } from './until-stopped.ts'

async function* count(closed: string[], pauseMs = 0): AsyncGenerator<number> {
  try {
    for (let value = 1; value <= 3; value++) {
      if (pauseMs > 0) await setTimeout(pauseMs)
      yield value
    }
  } finally {
    closed.push('closed')
  }
}

async function all(values: AsyncIterable<number>): Promise<number[]> {
  const read: number[] = []
  for await (const value of values) read.push(value)
  return read
}

describe('values until a signal', () => {
  it('are complete if no signal comes', async () => {
    const closed: string[] = []
    expect(await all(untilStopped(count(closed), new AbortController().signal))).toEqual([1, 2, 3])
    expect(closed).toEqual(['closed'])
  })

  it('close their source if the reader stops early', async () => {
    const closed: string[] = []
    for await (const value of untilStopped(count(closed), new AbortController().signal)) if (value === 1) break
    expect(closed).toEqual(['closed'])
  })

  it('end at once at the signal, also during a wait for the next value', async () => {
    const stop = new AbortController()
    const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<number>>(() => undefined) }) }
    const reading = all(untilStopped(never, stop.signal))
    stop.abort()
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }))
  })
})
