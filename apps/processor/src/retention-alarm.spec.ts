import { expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { RondoError } from '#contracts'
import type { LogBeginning } from '#event-log'
import { SimulatedClock } from '#runtime'
import { RetentionAlarm } from './retention-alarm.ts'

const DAY_MS = 86_400_000
const START = Date.parse('2026-03-01T00:00:00.000Z')

it('alarms before the retention deletes records that are not archived, and after it has deleted some', async () => {
  const clock = new SimulatedClock(START)
  const registry = new Registry()
  const alarms: string[] = []
  let found: LogBeginning[] | RondoError = [
    { partition: 0, offset: 0, appendedAt: START },
    { partition: 1, offset: 0, appendedAt: undefined },
  ]
  const watch = {
    async poll() {
      if (found instanceof RondoError) throw found
      return found
    },
    async close() {},
  }
  let archived = 0
  const archivedEnd = async (): Promise<number> => archived
  const retentionAlarm = new RetentionAlarm({ retentionMs: 8 * DAY_MS, watch, archivedEnd, clock, registry, onAlarm: (text) => alarms.push(text) })
  // The alarm comes after three quarters of the retention of 8 days: after 6 days.
  clock.advanceBy(6 * DAY_MS - 1)
  await retentionAlarm.poll()
  expect(alarms).toEqual([])
  expect(await registry.metrics()).toContain('rondo_activity_oldest_age_seconds{partition="0"} 518399.999')
  clock.advanceBy(1)
  await retentionAlarm.poll()
  expect(alarms).toEqual([
    expect.stringMatching(
      /^The retention deletes the first records of partition 0 in about 48 h, and the archive does not have them: a repartition, another cycle/,
    ),
  ])
  archived = 20
  await retentionAlarm.poll()
  found = [{ partition: 0, offset: 17, appendedAt: START + DAY_MS }]
  await retentionAlarm.poll()
  expect(alarms).toHaveLength(1)
  archived = 10
  await retentionAlarm.poll()
  expect(alarms[1]).toMatch(/^The retention has deleted offsets 10 to 16 of partition 0 before they were archived/)
  found = new RondoError('RONDO_LOG_UNAVAILABLE', 'down')
  await retentionAlarm.poll()
  expect(alarms[2]).toBe('down')
})
