import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type MeasureDefinition, type MeasureKindName, measureKindNames, measureKinds, measurePathKeys, measureSchema, measureSignalKeys } from '#contracts'
import { LocalDays } from '../calendar/local-days.ts'
import { type Window, windowOf } from '../calendar/window.ts'
import { compileMeasure } from '../compile/compile-measure.ts'
import { ByteReader, ByteWriter } from '../packed/bytes.ts'
import type { Accumulator } from './accumulator.ts'
import { kindOf } from './measure-kinds.ts'

const HOUR = 3_600_000
const windows = { 'three minutes': '3m', 'two and a half hours': '150m', 'three days': '3d' } as const
const CAP = 2

/** An event of both signals with its contribution. Texts are JSON, so that each is a valid key and a valid value of `last`. */
type Added = { at: number; contribution: string | number | undefined }

const numbersOf = (events: readonly Added[]): number[] => events.flatMap(({ contribution }) => (typeof contribution === 'number' ? contribution : []))
const textsOf = (events: readonly Added[]): string[] => events.flatMap(({ contribution }) => (typeof contribution === 'string' ? contribution : []))
const totalOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0)
const unlessEmpty = (numbers: readonly number[], value: (numbers: readonly number[]) => number): number | undefined =>
  numbers.length === 0 ? undefined : value(numbers)
const rounded = (value: number): number => (Math.sign(value) * Math.round(Math.abs(value) * 1e6)) / 1e6 + 0

/** A reference: the value of each kind for the events in its scope. */
const references: Readonly<Record<MeasureKindName, (events: readonly Added[], days: LocalDays) => unknown>> = {
  count: (events) => events.length,
  sum: (events) => totalOf(numbersOf(events)),
  average: (events) => unlessEmpty(numbersOf(events), (numbers) => rounded(totalOf(numbers) / numbers.length)),
  min: (events) => unlessEmpty(numbersOf(events), (numbers) => Math.min(...numbers)),
  max: (events) => unlessEmpty(numbersOf(events), (numbers) => Math.max(...numbers)),
  days: (events, days) => new Set(events.map(({ at }) => days.dayOf(at))).size,
  distinct: (events) => Math.min(CAP, new Set(textsOf(events)).size),
  gauge: () => 0,
  last: (events) =>
    textsOf(events)
      .map((text): unknown => JSON.parse(text))
      .at(-1),
}

/** A measure of a kind with the keys that its schema requires: the signals `in` and `out`, the path `properties.x`. */
function definitionOf(kind: MeasureKindName, scope: object = {}): MeasureDefinition {
  const { shape } = measureKinds[kind].schema
  const required = Object.keys(shape).flatMap((key): [string, unknown][] => {
    if (measureSignalKeys.some((signals) => signals === key)) return [[key, key === 'minus' ? 'out' : 'in']]
    if (measurePathKeys.some((path) => path === key)) return [[key, 'properties.x']]
    return key === 'cap' ? [[key, CAP]] : []
  })
  return measureSchema.parse({ ...Object.fromEntries(required), ...scope })
}

const days = new LocalDays('Europe/Berlin')
const signalBits = (names: string | readonly string[]): number => [names].flat().reduce((bits, name) => bits | (name === 'in' ? 1 : 2), 0)
const compiled = (kind: MeasureKindName, scope?: object) => compileMeasure(definitionOf(kind, scope), { id: 'm', days, signalBits })

const inWindow = (window: Window, events: readonly Added[], now: number): Added[] =>
  events.filter(({ at }) => window.bucketOf(at) > window.bucketOf(now) - window.span && window.bucketOf(at) <= window.bucketOf(now))

/** A reference: the first boundary later than `after` at which the value changes. */
function firstChange(window: Window, events: readonly Added[], after: number, reference: (events: readonly Added[]) => unknown): number {
  const buckets = [...new Set(events.map(({ at }) => window.bucketOf(at)))].sort((a, b) => a - b)
  const from = (bucket: number): Added[] => events.filter(({ at }) => window.bucketOf(at) >= bucket)
  const changing = buckets.find((bucket) => window.startOf(bucket + window.span) > after && reference(from(bucket)) !== reference(from(bucket + 1)))
  return changing === undefined ? Number.POSITIVE_INFINITY : window.startOf(changing + window.span)
}

function restored(accumulator: Accumulator, loaded: Accumulator): Accumulator {
  const [writer, reader] = [new ByteWriter(), new ByteReader()]
  accumulator.write(writer)
  reader.open(writer.bytes, writer.view, 0)
  loaded.add(0, 3, '"replaced by read"')
  loaded.add(0, 3, 77)
  loaded.read(reader)
  expect(reader.at).toBe(writer.at)
  return loaded
}

const stepArb = fc.record({
  gap: fc.constantFrom(0, 0.1, 0.4, 1, 1, 2, 3.5),
  contribution: fc.constantFrom('"a"', '"b"', '"c"', 1, 2, 2, -1, 0, 0.25, undefined),
})
const stepsArb = fc.array(stepArb, { maxLength: 25 })
const BEGIN = Date.UTC(2026, 2, 27, 22)

const windowedKinds = measureKindNames.filter((kind) => 'within' in measureKinds[kind].schema.shape)

it('exactly the kinds with a window define how their value changes when events leave it', () => {
  expect(windowedKinds).toEqual(measureKindNames.filter((kind) => kindOf(definitionOf(kind)).changeByLeaving !== undefined))
})

describe.each(measureKindNames)('%s', (kind) => {
  const reference = (events: readonly Added[]): unknown => references[kind](events, days)

  it('has the reference value without events, after each event, after a reset and after a restore', () => {
    fc.assert(
      fc.property(stepsArb, stepsArb, (before, steps) => {
        const accumulator = compiled(kind).makeAccumulator()
        for (const { contribution } of before) accumulator.add(BEGIN, 3, contribution)
        accumulator.reset()
        expect(accumulator.value(BEGIN)).toBe(reference([]))
        const events: Added[] = []
        for (const { gap, contribution } of steps) {
          const at = (events.at(-1)?.at ?? BEGIN) + Math.round(gap * HOUR)
          events.push({ at, contribution })
          accumulator.add(at, 3, contribution)
          expect(accumulator.value(at)).toBe(reference(events))
        }
        const loaded = restored(accumulator, compiled(kind).makeAccumulator())
        expect(loaded.value(BEGIN)).toBe(reference(events))
        for (const copy of [accumulator, loaded]) copy.add(BEGIN + 9e9, 3, 5)
        expect(loaded.value(BEGIN + 9e9)).toEqual(accumulator.value(BEGIN + 9e9))
      }),
    )
  })
})

describe.each(windowedKinds)('%s within a window', (kind) => {
  it.each(Object.entries(windows))('of %s has the value of the events in its buckets, also after a restore', (_name, within) => {
    const measure = compiled(kind, { within })
    const window = measure.window as Window
    const reference = (events: readonly Added[]): unknown => references[kind](events, days)
    const bucketMs = { m: 60_000, h: HOUR, d: 24 * HOUR }[within === '150m' ? 'h' : (within.at(-1) as 'm' | 'd')]
    fc.assert(
      fc.property(stepsArb, fc.nat(4), (steps, later) => {
        let at = BEGIN
        let accumulator = measure.makeAccumulator()
        const events: Added[] = []
        for (const { gap, contribution } of steps) {
          at += Math.round(gap * bucketMs)
          events.push({ at, contribution })
          accumulator.add(at, 3, contribution)
          expect(accumulator.value(at)).toBe(reference(inWindow(window, events, at)))
        }
        accumulator = restored(accumulator, measure.makeAccumulator())
        expect(accumulator.value(at + later * bucketMs)).toBe(reference(inWindow(window, events, at + later * bucketMs)))
        for (let after = at - 1, polls = 0; polls < 6; polls++) {
          const change = firstChange(window, events, after, reference)
          expect(accumulator.runOut?.(after)).toBe(change)
          if (change === Number.POSITIVE_INFINITY) break
          after = change
        }
        accumulator.reset()
        expect([accumulator.value(at), accumulator.runOut?.(at)]).toEqual([reference([]), Number.POSITIVE_INFINITY])
      }),
    )
  })

  it('drops old buckets, so that its bytes do not grow', () => {
    const accumulator = compiled(kind, { within: '3m' }).makeAccumulator()
    for (let minute = 0; minute < 500; minute++) accumulator.add(minute * 60_000, 1, minute)
    const writer = new ByteWriter()
    accumulator.write(writer)
    expect(writer.at).toBeLessThan(40)
  })
})

describe('a window', () => {
  it.each([
    [1, 1, 60_000],
    [HOUR, 60, 60_000],
    [HOUR + 1, 2, HOUR],
    [48 * HOUR, 48, HOUR],
    [48 * HOUR + 1, 3, 24 * HOUR],
  ])('of %d ms has %d buckets of %d ms', (length, span, bucketMs) => {
    const window = windowOf(length, new LocalDays('UTC'))
    expect([window.span, window.startOf(7), window.bucketOf(7 * bucketMs), window.bucketOf(7 * bucketMs - 1)]).toEqual([span, 7 * bucketMs, 7, 6])
  })
})
