import { describe, expect, it } from '@jest/globals'
import type { CycleDefinition, MeasureDefinition } from '#contracts'
import { cycle, DAY, event, HOUR } from './example.ts'
import { type Applied, measureValue } from './measure.ts'
import { signalsOf } from './signal.ts'

const definition = (timezone = 'UTC'): CycleDefinition =>
  cycle({ timezone, stages: [{ id: 'x', kind: 'active' }], transitions: [{ id: 'enter', from: 'start', to: 'x', trigger: 'any' }] })

/** The default cap of distinct values. */
const DISTINCT_CAP = 64

/** The value of a measure after these events, at the time of the last event. */
function valueAfter(measure: MeasureDefinition, events: ReturnType<typeof event>[], timezone?: string): unknown {
  const applied = events.map(
    (item, place): Applied => ({ id: item.id, time: Date.parse(item.time), place, signals: signalsOf(definition(), item), event: item }),
  )
  return measureValue(definition(timezone), measure, { events: applied, beforeStage: 1, beforeReturn: 2 }, applied.at(-1)?.time ?? 0)
}
const withN = (values: unknown[]) => values.map((n, at) => event(at, { properties: { n } }))

describe('a measure', () => {
  it('counts an event of several of its signals once', () => {
    const measure = { count: ['a', 'b'] }
    expect(valueAfter(measure, [event(0), event(1, { event: 'B' }), event(2, { event: 'C' })])).toBe(2)
  })

  it('counts all events, or only events since the stage or since the return', () => {
    const four = [0, 1, 2, 3].map((at) => event(at))
    expect(valueAfter({ count: 'a' }, four)).toBe(4)
    expect(valueAfter({ count: 'a', since: 'stage' }, four)).toBe(3)
    expect(valueAfter({ count: 'a', since: 'return' }, four)).toBe(2)
  })

  it.each<[string, unknown[], number]>([
    ['decimals exactly', [0.1, 0.2], 0.3],
    ['half a millionth away from zero', [0.0000005], 0.000001],
    ['half a millionth below zero away from zero', [-0.0000005], -0.000001],
    ['less than half a millionth as 0', [4.9e-7, 1e-9], 0],
    ['the shortest decimal form, not the exact value of the double', [1.0000005], 1.000001],
    ['only numbers', ['1', true, null, [1], { n: 1 }, 2], 2],
    ['no numbers beyond ±9·10⁹', [9e9, 9_000_000_000.5, -9_000_000_001, -9e9, 1], 1],
  ])('sums %s', (_, values, sum) => {
    expect(valueAfter({ sum: 'a', of: 'properties.n' }, withN(values))).toBe(sum)
  })

  it('sums exactly beyond 2^53 millionths', () => {
    const large = Array.from({ length: 20 }, () => 9e9)
    expect(valueAfter({ sum: 'a', of: 'properties.n' }, withN([...large, 0.1, ...large.map((value) => -value)]))).toBe(0.1)
  })

  it('distinguishes values by type, skips values that are not scalars, and never exceeds its cap', () => {
    const values = [1, '1', true, 'true', null, [1], {}, 1, -0, 0]
    // The values are 1, '1', true, 'true' and 0: -0 is equal to 0.
    expect(valueAfter({ distinct: 'a', by: 'properties.n' }, withN(values))).toBe(5)
    expect(valueAfter({ distinct: 'a', by: 'properties.n', cap: 3 }, withN(values))).toBe(3)
    expect(valueAfter({ distinct: 'a', by: 'properties.n' }, withN(Array.from({ length: 99 }, (_, n) => n)))).toBe(DISTINCT_CAP)
  })

  it('counts local days', () => {
    const events = [event(0), event(23 * HOUR - 1), event(23 * HOUR)]
    expect(valueAfter({ days: 'a' }, events, 'Europe/Berlin')).toBe(2)
    expect(valueAfter({ days: 'a' }, events)).toBe(1)
  })

  it('changes a gauge up before down, and never below 0', () => {
    const names = ['B', 'A', 'A', 'B', 'B', 'B', 'A']
    expect(
      valueAfter(
        { gauge: 'a', minus: 'b' },
        names.map((name, at) => event(at, { event: name })),
      ),
    ).toBe(1)
    expect(valueAfter({ gauge: 'a', minus: ['a', 'b'] }, [event(0)])).toBe(0)
  })

  it('keeps the last value', () => {
    const measure = { last: 'a', of: 'properties.n' }
    expect(valueAfter(measure, withN([1, 'two', null]))).toBe('two')
    expect(valueAfter(measure, [event(0), event(1, { event: 'B', properties: { n: 1 } })])).toBeUndefined()
  })

  it('with a window counts the current bucket and the earlier buckets in the window', () => {
    const events = [event(DAY - 1), event(DAY), event(2 * DAY), event(3 * DAY + HOUR)]
    expect(valueAfter({ count: 'a', within: '3d' }, events)).toBe(3)
    expect(valueAfter({ count: 'a', within: '49h' }, events)).toBe(3)
    expect(valueAfter({ count: 'a', within: '48h' }, events)).toBe(2)
    expect(valueAfter({ count: 'a', within: '1ms' }, events)).toBe(1)
  })
})
