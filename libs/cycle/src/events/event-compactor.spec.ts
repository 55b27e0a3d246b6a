import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { cycleDefinitionSchema } from '#contracts'
import { compileCycle } from '../compile/compile-cycle.ts'
import { CompactEvent } from './compact-event.ts'
import { EventCompactor } from './event-compactor.ts'

const cycle = compileCycle(
  cycleDefinitionSchema.parse({
    cycle: 'example',
    version: 1,
    actor: 'user',
    stages: [{ id: 'here', kind: 'active' }],
    signals: { a: { event: 'A' }, big: { event: '*A', where: { 'properties.n': { gt: 5 } } }, b: { event: 'B' } },
    measures: {
      count: { count: 'a' },
      amount: { sum: 'a', of: 'properties.x' },
      key: { distinct: 'a', by: 'properties.x' },
      json: { last: 'a', of: 'properties.x' },
    },
    transitions: [{ id: 'came', from: 'start', to: 'here', trigger: 'any', when: { 'properties.x': 1, 'properties.n': 2 } }],
  }),
)

function compacted(x: unknown, compactor = new EventCompactor(cycle), event = 'A') {
  const compact = new CompactEvent(cycle)
  const view = { event, properties: { x } }
  compactor.describe(view, compactor.signalsOf(view), compact)
  const [count, amount, key, json] = compact.contributions
  return { count, amount, key, json, conditions: compact.conditions }
}

describe('the key of a value', () => {
  it('is different for values of different type or content, for texts of any length', () => {
    const values = [1, 2, '1', 'n1', true, false, 'true', 'btrue', '', 's', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(66), '\ud800', '\ud801', '"\\ud800"']
    const keys = values.map((x) => compacted(x).key)
    expect(new Set(keys).size).toBe(values.length)
    expect(values.map((x) => compacted(x).key)).toEqual(keys)
    expect(keys.every((key) => typeof key === 'string')).toBe(true)
  })

  it('is not the key of another value that looks like its hash or its JSON text', () => {
    const long = 'x'.repeat(70)
    const halfPair = `\ud800${'x'.repeat(60)}`
    const illFormed = [halfPair, `${halfPair}\udc00\ud800`, `${'x'.repeat(60)}\udfff`]
    const lookalikes = [long, ...illFormed].flatMap((value) => {
      const json = JSON.stringify(value)
      const hash = createHash('sha256').update(value).digest('base64url')
      const jsonHash = createHash('sha256').update(json).digest('base64url')
      return [value, json, JSON.stringify(json), hash, `h${hash}`, `sh${hash}`, `h${jsonHash}`, `i${jsonHash}`, `ih${jsonHash}`, compacted(value).key as string]
    })
    const others = [1e21, '1e21', '1e+21', 'n1e+21', 0, '0', 'n0', '-0', 0.1, '0.1', 1e-7, '1e-7', true, 'true', 'btrue', 2 ** 53 - 1, `${2 ** 53 - 1}`]
    const values = [...new Set<unknown>([...lookalikes, ...others])]
    expect(new Set(values.map((value) => compacted(value).key)).size).toBe(values.length)
    // JSON does not distinguish 0 and -0.
    expect(compacted(-0).key).toBe(compacted(0).key)
  })

  it('is equal for values with equal JSON text, and for no others', () => {
    const text = fc.string({ unit: fc.constantFrom('\ud800', '\udc00', 'x', '"', '\\', 'u', 'd', '8', '0', 'é'), maxLength: 80 })
    const scalar = fc.oneof(
      text,
      text.map((value) => JSON.stringify(value)),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
    )
    fc.assert(
      fc.property(fc.array(scalar, { maxLength: 8 }), (scalars) => {
        const values = scalars.flatMap((value) => [value, String(value), JSON.stringify(value)])
        const keys = values.map((value) => compacted(value).key)
        expect(new Set(keys).size).toBe(new Set(values.map((value) => JSON.stringify(value))).size)
      }),
      { numRuns: 300 },
    )
  })

  it('has at most 65 characters', () => {
    expect([compacted('x'.repeat(64)).key, compacted('x'.repeat(65)).key?.toString().length]).toEqual([`s${'x'.repeat(64)}`, 44])
  })

  it.each([[null], [undefined], [{}], [[1]]])('is undefined for %j, which is not a scalar', (x) => {
    expect(compacted(x).key).toBeUndefined()
  })
})

describe('the contribution of an event to a measure', () => {
  it('is undefined for a count, and an amount, a key or a JSON text for other kinds', () => {
    expect(compacted(2.5)).toMatchObject({ count: undefined, amount: 2.5, key: 'n2.5', json: '2.5' })
    expect(compacted('5')).toMatchObject({ amount: undefined, key: 's5', json: '"5"' })
    expect(compacted({ y: [1] })).toMatchObject({ amount: undefined, json: '{"y":[1]}' })
    expect([compacted(null).json, compacted(undefined).json]).toEqual([undefined, undefined])
  })

  it('is undefined if the measure does not count the event, and then no amount is reported as missing', () => {
    const compactor = new EventCompactor(cycle)
    expect(compacted(7, compactor, 'B')).toMatchObject({ amount: undefined, key: undefined, json: undefined })
    compacted('no amount', compactor, 'B')
    expect(compactor.remarks.record().skipped).toEqual({})
    compacted('no amount', compactor)
    expect(Object.values(compactor.remarks.record().skipped)).toEqual([{ numerals: 0, beyond: 0, others: 1 }])
  })

  it('is undefined again for the next event if that has no value', () => {
    const [compact, compactor] = [new CompactEvent(cycle), new EventCompactor(cycle)]
    const describeAs = (event: string, properties: object) =>
      compactor.describe({ event, properties: { ...properties } }, compactor.signalsOf({ event }), compact)
    describeAs('A', { x: 1 })
    expect([compact.signals, compact.conditions, compact.contributions[1]]).toEqual([1, 1, 1])
    describeAs('B', { x: 1, n: 2 })
    expect([compact.signals, compact.conditions, compact.contributions]).toEqual([4, 3, [undefined, undefined, undefined, undefined]])
  })
})

describe('the signals of an event', () => {
  it('are the signals that match its name and whose condition holds', () => {
    const compactor = new EventCompactor(cycle)
    const signalsOf = (event: string, n = 0) => compactor.signalsOf({ event, properties: { n } })
    expect([signalsOf('A'), signalsOf('A', 6), signalsOf('AA', 6), signalsOf('AA'), signalsOf('B', 6), signalsOf('a')]).toEqual([1, 3, 2, 0, 4, 0])
  })

  it('are found after more names than the compactor remembers', () => {
    const compactor = new EventCompactor(cycle)
    for (let n = 0; n < 10_010; n++) expect(compactor.signalsOf({ event: `${n}`, properties: {} })).toBe(0)
    expect(compactor.signalsOf({ event: 'A', properties: {} })).toBe(1)
  })
})
