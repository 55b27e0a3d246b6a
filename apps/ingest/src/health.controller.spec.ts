import { describe, expect, it } from '@jest/globals'
import type { ActivityLog } from '#event-log'
import { HealthController } from './health.controller.ts'

const end = Date.UTC(2026, 0, 1)
const log = { state: { logTime: end, backfill: null, held: { bytes: 7 } } } as ActivityLog

describe('the health of one process', () => {
  it.each([
    [undefined, null],
    [Number.NEGATIVE_INFINITY, null],
    [Date.UTC(2016, 2, 2), '2016-03-02T00:00:00.000Z'],
  ])("shows the log time of the fold (%p) and that of the log's end", (logTime, shown) => {
    const folded = () => (logTime === undefined ? undefined : { logTime })
    const expected = { status: 'ok', logTime: shown, logEndTime: '2026-01-01T00:00:00.000Z', importing: false, heldBytes: 7 }
    expect(new HealthController(log, folded).health()).toEqual(expected)
  })
})
