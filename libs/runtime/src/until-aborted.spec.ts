import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from '@jest/globals'
import { untilAborted } from './until-aborted.ts'

describe('work until a signal', () => {
  it('gives its result, or its failure', async () => {
    const { signal } = new AbortController()
    expect(await untilAborted(Promise.resolve(7), signal)).toBe(7)
    await expect(untilAborted(Promise.reject(new TypeError('no')), signal)).rejects.toThrow('no')
  })

  it('is not waited for after the signal, which may come before the work or during it', async () => {
    const stop = new AbortController()
    const never = untilAborted(new Promise(() => {}), stop.signal)
    stop.abort()
    expect(await never).toBe(undefined)
    expect(await untilAborted(Promise.reject(new TypeError('too late')), stop.signal)).toBe(undefined)
  })

  it('keeps none of its results in memory while the signal does not come', async () => {
    // Promise.race keeps each result until the pending promise is settled: a processor would keep every record that it has read.
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { signal } = new AbortController()
    const answers: WeakRef<object>[] = []
    for (let i = 0; i < 100; i++) {
      const answer = { i }
      answers.push(new WeakRef(answer))
      await untilAborted(Promise.resolve(answer), signal)
    }
    await new Promise(setImmediate)
    collect()
    expect(answers.filter((answer) => answer.deref() !== undefined).length).toBeLessThan(10)
  })
})
