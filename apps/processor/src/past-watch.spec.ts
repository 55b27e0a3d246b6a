import { expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { RondoError } from '#contracts'
import type { LogBeginning } from '#event-log'
import { SimulatedClock } from '#runtime'
import { PastWatch } from './past-watch.ts'

const DAY_MS = 86_400_000
const START = Date.parse('2026-03-01T00:00:00.000Z')

it('says what a log is about to lose, while it can still be helped, and what it has lost', async () => {
  const clock = new SimulatedClock(START)
  const registry = new Registry()
  const alarms: string[] = []
  let found: LogBeginning[] | RondoError = [
    { partition: 0, offset: 0, appendedAt: START },
    { partition: 1, offset: 0, appendedAt: undefined },
  ]
  const watch = {
    async look() {
      if (found instanceof RondoError) throw found
      return found
    },
    async close() {},
  }
  const past = new PastWatch({ retentionMs: 8 * DAY_MS, watch, clock, registry, onAlarm: (text) => alarms.push(text) })
  clock.advanceBy(6 * DAY_MS - 1)
  await past.look()
  expect(alarms).toEqual([])
  expect(await registry.metrics()).toContain('rondo_activity_oldest_age_seconds{partition="0"} 518399.999')
  clock.advanceBy(1)
  await past.look()
  expect(alarms).toEqual([expect.stringMatching(/^The log of partition 0 loses its beginning .* in about 48 h: a repartition, another definition/)])
  found = [{ partition: 0, offset: 17, appendedAt: START + DAY_MS }]
  await past.look()
  expect(alarms[1]).toMatch(/^The log of partition 0 has lost its beginning/)
  found = new RondoError('RONDO_LOG_UNAVAILABLE', 'down')
  await past.look()
  expect(alarms[2]).toBe('down')
})
