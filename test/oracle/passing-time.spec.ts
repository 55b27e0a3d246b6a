import { describe, expect, it } from '@jest/globals'
import type { CycleDefinition } from '#contracts'
import { cycle, DAY, event, HOUR, historyBy, implementations, MINUTE, opened, tick } from './example.ts'

describe.each(implementations)('passing time, by %s,', (_, implementation) => {
  const history = historyBy(implementation)
  const gone = { id: 'gone', kind: 'lapsed' as const }
  const enter = { id: 'enter', from: 'start', to: 'x', trigger: 'any' }
  const leave = { id: 'leave', from: 'active', to: 'gone', trigger: 'absence' }

  it('never restarts a silence: an absence that passed before the stage was entered is due at once', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active' }, { id: 'y', kind: 'active', absence: '3d' }, gone]
    const transitions = [enter, { id: 'on', from: 'x', to: 'y', after: '5d' }, { ...leave, from: 'y' }]
    expect(history(cycle({ stages, transitions }), [opened, event(0), tick(9 * DAY)])).toEqual([
      ...['0 advance start>x enter a', '5 advance x>y on after', '5 disengage y>gone leave absence'],
    ])
  })

  it('does not try a due absence without a matching rule again before the next activity', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active', absence: '2d' }, gone]
    const transitions = [enter, { ...leave, when: { n: { gte: 2 } } }]
    const definition = cycle({ stages, transitions, measures: { n: { count: 'a' } } })
    expect(history(definition, [opened, event(0), tick(9 * DAY), event(10 * DAY), tick(20 * DAY)])).toEqual([
      ...['0 advance start>x enter a', '12 disengage x>gone leave absence'],
    ])
  })

  it('does not try a due after without a matching rule again in the same stage', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active' }, gone]
    const transitions = [enter, { id: 'drop', from: 'x', to: 'gone', after: '2d', when: { n: { gte: 2 } } }]
    const definition = cycle({ stages, transitions, measures: { n: { count: 'a' } } })
    expect(history(definition, [opened, event(0), event(3 * DAY), tick(20 * DAY)])).toHaveLength(1)
    expect(history(definition, [opened, event(0), event(2 * DAY), tick(20 * DAY)])[1]).toBe('2 disengage x>gone drop after')
  })

  it('fires an after that is due at the time of an event after that event, with the new values of measures', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active' }, { id: 'y', kind: 'active' }, gone]
    const transitions = [
      ...[enter, { id: 'on', from: 'x', to: 'y', trigger: 'b' }, { id: 'drop', from: 'x', to: 'gone', after: '2d' }],
      { id: 'immediate', from: 'y', to: 'x', when: { 'properties.n': { exists: false }, n: { gte: 1 } } },
    ]
    const definition = cycle({ stages, transitions, measures: { n: { count: 'b' } } })
    expect(history(definition, [opened, event(0), event(2 * DAY, { event: 'B', properties: { n: 1 } }), tick(3 * DAY)])).toEqual([
      ...['0 advance start>x enter a', '2 advance x>y on b'],
    ])
    expect(history(definition, [opened, event(0), event(2 * DAY), tick(3 * DAY)])[1]).toBe('2 disengage x>gone drop after')
  })

  it('warns once in a silence, and only if the warning is later than the transition into the stage', () => {
    const stages: CycleDefinition['stages'] = [
      { id: 'x', kind: 'active', absence: '10d', warning: 0.25 },
      { id: 'y', kind: 'active', absence: '20d', warning: 0.25 },
      gone,
    ]
    const on = (after: string) => ({ id: 'on', from: 'x', to: 'y', after })
    const log = [opened, event(0), tick(30 * DAY)]
    const first = '0 advance start>x enter a'
    const last = '20 disengage y>gone leave absence'
    expect(history(cycle({ stages, transitions: [enter, on('4d'), leave] }), log)).toEqual([
      first,
      '2.5 notice x>x leave absence',
      '4 advance x>y on after',
      last,
    ])
    expect(history(cycle({ stages, transitions: [enter, on('2d'), leave] }), log)).toEqual([
      first,
      '2 advance x>y on after',
      '5 notice y>y leave absence',
      last,
    ])
    const late = stages.map((stage) => (stage.id === 'x' ? { ...stage, absence: '19d', warning: 0.9 } : stage))
    expect(history(cycle({ stages: late, transitions: [enter, on('5d'), leave] }), log)).toEqual([first, '5 advance x>y on after', last])
  })

  it('gives a notice the cause absence, also if the rule names a cause', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active', absence: '10d', warning: 0.5 }, gone]
    const log = [opened, event(0), tick(12 * DAY)]
    expect(history(cycle({ stages, transitions: [enter, { ...leave, cause: 'drifted' }] }), log).slice(1)).toEqual([
      ...['5 notice x>x leave absence', '10 disengage x>gone leave drifted'],
    ])
  })

  it('warns again after each activity', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active', absence: '10d', warning: 0.5 }, gone]
    const log = [opened, event(0), event(6 * DAY), tick(12 * DAY)]
    expect(history(cycle({ stages, transitions: [enter, leave] }), log).slice(1)).toEqual(['5 notice x>x leave absence', '11 notice x>x leave absence'])
  })

  it('ends a window at the end of a bucket: minutes up to an hour, hours up to two days', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active' }, gone]
    const fade = (within: string) =>
      cycle({ stages, transitions: [enter, { id: 'fade', from: 'x', to: 'gone', when: { n: { lt: 1 } } }], measures: { n: { count: 'a', within } } })
    const log = [opened, event(30_500), tick(9 * DAY)]
    expect(history(fade('5m'), log, MINUTE)[1]).toBe('5 disengage x>gone fade run-out')
    expect(history(fade('61m'), log, HOUR)[1]).toBe('2 disengage x>gone fade run-out')
    expect(history(fade('48h'), log, HOUR)[1]).toBe('48 disengage x>gone fade run-out')
    expect(history(fade('49h'), log, DAY)[1]).toBe('3 disengage x>gone fade run-out')
  })

  it('ends a window at the end of the buckets that its measure defines, in UTC', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active' }, gone]
    const transitions = [enter, { id: 'fade', from: 'x', to: 'gone', when: { n: { lt: 1 } } }]
    const fade = (window: { within: string; buckets: string }) =>
      cycle({ stages, transitions, timezone: 'Asia/Kolkata', measures: { n: { count: 'a', ...window } } })
    const log = [opened, event(1.5 * HOUR), tick(99 * DAY)]
    expect(history(fade({ within: '7d', buckets: '1h' }), log, HOUR)[1]).toBe('169 disengage x>gone fade run-out')
    expect(history(fade({ within: '7d', buckets: '8h' }), log, HOUR)[1]).toBe('168 disengage x>gone fade run-out')
    expect(history(fade({ within: '3h', buckets: '90m' }), log, HOUR)[1]).toBe('4.5 disengage x>gone fade run-out')
    expect(history(fade({ within: '3d', buckets: '1d' }), log, DAY)[1]).toBe('3 disengage x>gone fade run-out')
  })

  it('has no run-out if the remaining sum is the same double', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active' }, gone]
    const transitions = [enter, { id: 'fade', from: 'x', to: 'gone', when: { 'properties.n': { exists: false }, n: { gt: 0 } } }]
    const definition = cycle({ stages, transitions, measures: { n: { sum: 'a', of: 'properties.n', within: '3d' } } })
    // 9,000,000,000.000002 and 9,000,000,000.000001 are one double.
    const log = [0.000001, 9e9, 0.000001].map((n, day) => event(day * DAY, { properties: { n } }))
    expect(history(definition, [opened, ...log, tick(9 * DAY)])).toEqual(['0 advance start>x enter a', '4 disengage x>gone fade run-out'])
  })

  it('divides windows above two days into local days, also days of 23 or 25 hours', () => {
    const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active' }, gone]
    const transitions = [enter, { id: 'fade', from: 'x', to: 'gone', when: { n: { lt: 1 } } }]
    const definition = (timezone: string) => cycle({ stages, transitions, timezone, measures: { n: { count: 'a', within: '3d' } } })
    const fades = (timezone: string, time: string): string | undefined => {
      const at = Date.parse(time) - Date.parse('2026-01-01T00:00:00Z')
      const entries = implementation(definition(timezone), [opened, event(at), tick(at + 9 * DAY)]).actors.get('one')
      return entries?.[1] === undefined ? undefined : new Date(entries[1].at).toISOString()
    }
    expect(fades('Europe/Berlin', '2026-03-27T22:59:59.999Z')).toBe('2026-03-29T22:00:00.000Z')
    expect(fades('Europe/Berlin', '2026-03-27T23:00:00.000Z')).toBe('2026-03-30T22:00:00.000Z')
    expect(fades('Europe/Berlin', '2026-10-24T12:00:00.000Z')).toBe('2026-10-26T23:00:00.000Z')
    expect(fades('Australia/Lord_Howe', '2026-04-04T12:00:00.000Z')).toBe('2026-04-06T13:30:00.000Z')
    // Cairo has no midnight on 2026-04-24: the day begins at 01:00 summer time.
    expect(fades('Africa/Cairo', '2026-04-21T12:00:00.000Z')).toBe('2026-04-23T22:00:00.000Z')
  })

  it('makes an absence personal from the fifth gap on, by the nearest rank, within floor and ceiling', () => {
    const leaveAfter = (usual: number, floor: string, days: number[]): number => {
      const stages: CycleDefinition['stages'] = [{ id: 'x', kind: 'active', absence: { usual, floor, ceiling: '20d' } }, gone]
      const last = days.at(-1) ?? 0
      const log = [opened, ...days.map((day) => event(day * DAY + HOUR)), tick(99 * DAY)]
      const entries = implementation(cycle({ stages, transitions: [enter, leave] }), log).actors.get('one') ?? []
      return ((entries.at(-1)?.at ?? 0) - Date.parse('2026-01-01T01:00:00Z')) / DAY - last
    }
    expect(leaveAfter(0.8, '1d', [0, 1, 2, 4, 7])).toBe(20)
    // The gaps are 1, 1, 2, 3 and 5 days. The rank is the quantile times five, rounded up: 0.8 gives the fourth gap, 0.81 the fifth, 0.5 the third.
    expect(leaveAfter(0.8, '1d', [0, 1, 2, 4, 7, 12])).toBe(3)
    expect(leaveAfter(0.81, '1d', [0, 1, 2, 4, 7, 12])).toBe(5)
    expect(leaveAfter(0.5, '4d', [0, 1, 2, 4, 7, 12])).toBe(4)
  })
})
