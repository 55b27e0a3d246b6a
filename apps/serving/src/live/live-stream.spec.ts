import { text } from 'node:stream/consumers'
import { describe, expect, it } from '@jest/globals'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { LiveBudget } from './live-budget.ts'
import { LiveFilter } from './live-query.ts'
import { LiveStream } from './live-stream.ts'

const filter = new LiveFilter({}, presence)
const order = { cycle: 'presence', events: new Set(['output'] as const), filter, isAllowed: () => true }
const KILOBYTE = Buffer.alloc(1000, 'x')

/** A budget, with what it drops. */
function limited(limits: ConstructorParameters<typeof LiveBudget>[0]) {
  const dropped: string[] = []
  const budget = new LiveBudget(limits)
  budget.onDrop = (cycle, reason) => dropped.push(`${cycle} ${reason}`)
  return { budget, dropped, open: () => new LiveStream(order, 0, budget) }
}

/** Gives texts to a stream whose client reads nothing. */
const give = (stream: LiveStream, times: number): void => {
  for (let time = 0; time < times; time++) stream.give(KILOBYTE)
}

describe('a live stream whose client reads too slowly', () => {
  it('is told, ended and counted, and nothing waits for it any more', async () => {
    const { budget, dropped, open } = limited({ clientBytesMax: 10_000 })
    const [slow, other] = [open(), open()]
    give(slow, 9)
    expect([slow.isOpen, slow.waitingBytes, budget.waitingBytes]).toEqual([true, expect.any(Number), slow.waitingBytes + other.waitingBytes])
    give(slow, 9)
    expect([slow.isOpen, slow.waitingBytes, dropped]).toEqual([false, 0, ['presence client']])
    expect(budget.waitingBytes).toBe(other.waitingBytes)
    expect(await text(slow.body)).toMatch(/^event: slow\ndata: \{"reason":"client","bytes":1\d{4}\}\n\n$/)
    expect([other.isOpen, budget.streamsOf('presence')]).toEqual([true, 1])
  })

  it('is the one that is ended if too much waits for all together', () => {
    const { budget, dropped, open } = limited({ clientBytesMax: 50_000, bytesMax: 60_000 })
    const [slow, ...others] = [open(), open(), open(), open()]
    give(slow as LiveStream, 30)
    for (let time = 0; time < 3; time++) for (const other of others) give(other, 4)
    expect([slow?.isOpen, others.map(({ isOpen }) => isOpen), dropped]).toEqual([false, [true, true, true], ['presence process']])
    expect(budget.waitingBytes).toBeLessThan(60_000)
  })

  it('gets everything in order if it reads in time', async () => {
    const { open, dropped } = limited({ clientBytesMax: 10_000 })
    const stream = open()
    const read = text(stream.body)
    for (let at = 0; at < 50; at++) {
      stream.give(Buffer.from(`${at}${'.'.repeat(1000)}`))
      await stream.emptied()
    }
    stream.end()
    expect([...(await read).matchAll(/\d+(?=\.)/g)].map(([at]) => Number(at))).toEqual(Array.from({ length: 50 }, (_, at) => at))
    expect(dropped).toEqual([])
  })
})

it('a stream that its client leaves frees its place and what waits for it', () => {
  const { budget, open } = limited({ clientsMax: 1 })
  const stream = open()
  expect(() => budget.admit('presence')).toThrow(expect.objectContaining({ code: 'RONDO_OVERLOADED', retryAfterMs: 10_000 }))
  give(stream, 5)
  stream.body.destroy()
  return new Promise<void>((resolve) => stream.body.once('close', resolve)).then(() => {
    expect([budget.waitingBytes, budget.streamsOf('presence')]).toEqual([0, 0])
    expect(() => budget.admit('presence')).not.toThrow()
  })
})
