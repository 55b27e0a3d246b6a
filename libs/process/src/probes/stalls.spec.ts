import { beforeEach, describe, expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { SimulatedClock } from '#runtime'
import { type StallCause, Stalls, stallGauge } from './stalls.ts'

describe('a log time that stands still', () => {
  let clock: SimulatedClock
  let cause: StallCause
  let stalls: Stalls
  let messages: unknown[]
  const logger = { info: (text: string) => void messages.push(text), warn: (text: string, fields: object = {}) => void messages.push(text, fields) }

  beforeEach(() => {
    clock = new SimulatedClock(Date.UTC(2026, 0, 1))
    cause = { reason: 'no-writer', text: 'no writer is open in it' }
    stalls = new Stalls({ clock, stallMs: 60_000, causeOf: () => cause })
    messages = []
  })
  const metric = async (): Promise<string[]> => {
    const registry = new Registry()
    stallGauge(registry, [{ cycle: 'presence', stalls }])
    return (await registry.metrics()).split('\n').filter((line) => line.startsWith('rondo_stalled_seconds'))
  }

  it('is an unready reason, an alarm and a metric, each with its beginning and cause, until it moves', async () => {
    stalls.recordLogTime(0, 1000)
    stalls.recordLogTime(1, 1000)
    clock.advanceBy(60_000)
    stalls.recordLogTime(1, 2000)
    stalls.log(logger)
    const moving = (partition: number): string => `rondo_stalled_seconds{cycle="presence",partition="${partition}",reason="none"} 0`
    expect([stalls.unreadyReason, messages, await metric()]).toEqual([undefined, [], [moving(0), moving(1)]])
    clock.advanceBy(1)
    // An older position, or the same, is no movement.
    stalls.recordLogTime(0, 1000)
    stalls.recordLogTime(0, 999)
    const sentence = 'Log time of partition 0 has not moved since 2026-01-01T00:00:00.000Z (for 60 s), because no writer is open in it.'
    expect(stalls.unreadyReason).toBe(sentence)
    stalls.log(logger)
    clock.advanceBy(5000)
    stalls.log(logger)
    expect(messages).toEqual([sentence, { partition: 0, reason: 'no-writer', stalledSeconds: 60 }])
    expect(await metric()).toEqual(['rondo_stalled_seconds{cycle="presence",partition="0",reason="no-writer"} 65.001', moving(1)])
    stalls.recordLogTime(0, 1001)
    stalls.log(logger)
    expect([stalls.unreadyReason, messages.at(-1), await metric()]).toEqual([
      undefined,
      'Log time of partition 0 moves again, after 65 s.',
      [moving(0), moving(1)],
    ])
  })

  it('reports the one that has stood still longest, and the number of others', () => {
    stalls.recordLogTime(2, 5)
    clock.advanceBy(1)
    for (const partition of [0, 1]) stalls.recordLogTime(partition, 5)
    clock.advanceBy(70_000)
    expect(stalls.unreadyReason).toMatch(/^Log time of partition 2 .* So do 2 other partitions\.$/)
  })

  it('is not reported before it has begun, nor if the partition is folded elsewhere', () => {
    stalls.recordLogTime(0, Number.NEGATIVE_INFINITY)
    stalls.recordLogTime(1, 5)
    clock.advanceBy(70_000)
    stalls.forget(1)
    stalls.log(logger)
    expect([stalls.current, messages]).toEqual([[], []])
  })

  it('is reported again when it stalls again', () => {
    for (const logTime of [1, 2]) {
      stalls.recordLogTime(0, logTime)
      stalls.log(logger)
      clock.advanceBy(61_000)
      stalls.log(logger)
    }
    expect(messages.filter((text) => typeof text === 'string')).toEqual([
      expect.stringContaining('has not moved'),
      'Log time of partition 0 moves again, after 61 s.',
      expect.stringContaining('has not moved'),
    ])
  })
})
