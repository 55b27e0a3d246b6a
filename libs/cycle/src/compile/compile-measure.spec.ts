import { describe, expect, it } from '@jest/globals'
import type { MeasureDefinition } from '#contracts'
import { LocalDays } from '../calendar/local-days.ts'
import type { Contribution } from '../measures/accumulator.ts'
import { compileMeasure } from './compile-measure.ts'

const HOUR = 3_600_000
const bits: Record<string, number> = { in: 0b01, out: 0b10 }

function compiled(definition: MeasureDefinition) {
  const signalBits = (names: string | readonly string[]) => [names].flat().reduce((sum, name) => sum | (bits[name] ?? 0), 0)
  return compileMeasure(definition, { id: 'm', days: new LocalDays('UTC'), signalBits })
}

/** The value after events at whole hours, each with its signals and its contribution. */
function valueAfter(definition: MeasureDefinition, events: readonly (readonly [hour: number, signals: number, contribution?: Contribution])[]): unknown {
  const accumulator = compiled(definition).makeAccumulator()
  for (const [hour, signals, contribution] of events) accumulator.add(hour * HOUR, signals, contribution)
  return accumulator.value((events.at(-1)?.[0] ?? 0) * HOUR)
}

describe('a measure', () => {
  it.each<[MeasureDefinition, unknown]>([
    [{ count: 'in' }, 3],
    [{ count: 'in', within: '2h' }, 2],
    [{ sum: 'in', of: 'properties.x' }, 7],
    [{ sum: 'in', of: 'properties.x', within: '2h' }, 6],
    [{ days: 'in' }, 2],
    [{ days: 'in', within: '2h' }, 1],
    [{ last: 'in', of: 'properties.x' }, undefined],
  ])('%j has the right value', (definition, wanted) => {
    const events = [
      [22, 1, 1],
      [24, 1, 2],
      [25, 1, 4],
    ] as const
    expect(valueAfter(definition, events)).toBe(wanted)
  })

  it('of kind last has the value of its newest event', () => {
    expect(
      valueAfter({ last: 'in', of: 'properties.x' }, [
        [1, 1, '"a"'],
        [2, 1, '{"b":[1]}'],
        [3, 1],
      ]),
    ).toEqual({ b: [1] })
  })

  it.each([undefined, '2h'])('of kind distinct (within %s) counts up to its cap, by default 64', (within) => {
    const keys = Array.from({ length: 70 }, (_, n) => [1, 1, `k${n}`] as const)
    const distinct = { distinct: 'in', by: 'properties.x', ...(within && { within }) }
    expect(valueAfter(distinct, keys)).toBe(64)
    expect(valueAfter({ ...distinct, cap: 2 }, keys)).toBe(2)
    expect(
      valueAfter({ ...distinct, cap: 2 }, [
        [1, 1, 'a'],
        [1, 1, 'a'],
        [1, 1],
      ]),
    ).toBe(1)
  })

  it('of kind gauge goes up before it goes down, and never below 0', () => {
    const gauge = { gauge: 'in', minus: 'out' }
    const steps = [0b10, 0b01, 0b01, 0b11, 0b10, 0b10, 0b10, 0b01].map((signals, hour) => [hour, signals] as const)
    expect(steps.map((_, n) => valueAfter(gauge, steps.slice(0, n + 1)))).toEqual([0, 1, 2, 2, 1, 0, 0, 1])
    expect(compiled(gauge).signals).toBe(0b11)
  })

  it('names the value of an event that it needs', () => {
    const needs = (definition: MeasureDefinition) => {
      const { signals, of, contributes } = compiled(definition)
      return [signals, of?.({ event: 'E', properties: { x: 5 } }), contributes]
    }
    expect(needs({ count: ['in', 'out'] })).toEqual([3, undefined, undefined])
    expect(needs({ sum: 'in', of: 'properties.x' })).toEqual([1, 5, 'amount'])
    expect(needs({ days: 'out' })).toEqual([2, undefined, undefined])
    expect(needs({ distinct: 'in', by: 'event' })).toEqual([1, 'E', 'key'])
    expect(needs({ last: 'out', of: 'properties.x' })).toEqual([2, 5, 'json'])
  })

  it('has its id, its scope and its window', () => {
    expect(compiled({ count: 'in' })).toMatchObject({ id: 'm', scope: 'ever', window: undefined })
    expect(compiled({ count: 'in', since: 'return' })).toMatchObject({ scope: 'return', window: undefined })
    expect(compiled({ count: 'in', within: '2h' })).toMatchObject({ scope: 'ever', window: { span: 2 } })
  })
})
