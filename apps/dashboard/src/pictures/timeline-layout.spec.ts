import { describe, expect, it } from '@jest/globals'
import { calendarTicks, staysOf } from './timeline-layout.ts'

const receipt = (kind: string, to: string, day: number, retracted = false) =>
  ({ retracted, output: { kind, to, at: new Date(Date.UTC(2026, 0, day)).toISOString() } }) as never

describe('the stays of an actor', () => {
  it('are the effective transitions, the last one until now', () => {
    const history = [
      receipt('retraction', 'away', 9),
      receipt('disengage', 'away', 8, true),
      receipt('notice', 'two', 6),
      receipt('advance', 'two', 4),
      receipt('advance', 'one', 1),
    ]
    expect(staysOf(history, Date.UTC(2026, 0, 11))).toEqual([
      { stage: 'one', from: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 0, 4) },
      { stage: 'two', from: Date.UTC(2026, 0, 4), until: Date.UTC(2026, 0, 11) },
    ])
    expect(staysOf([], 0)).toEqual([])
  })
})

describe('the ticks of a scale', () => {
  it('are beginnings of months, and as many as there is place for', () => {
    const iso = (from: string, until: string, most: number): string[] =>
      calendarTicks(Date.parse(from), Date.parse(until), most).map((at) => new Date(at).toISOString().slice(0, 10))
    expect(iso('2026-01-15', '2026-04-02', 6)).toEqual(['2026-02-01', '2026-03-01', '2026-04-01'])
    expect(iso('2024-11-15', '2026-11-15', 4)).toEqual(['2025-01-01', '2025-07-01', '2026-01-01', '2026-07-01'])
    expect(iso('2026-01-02', '2026-01-20', 4)).toEqual([])
  })
})
