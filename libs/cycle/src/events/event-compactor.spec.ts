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

function digested(x: unknown, compactor = new EventCompactor(cycle), event = 'A') {
  const compact = new CompactEvent(cycle)
  const view = { event, properties: { x } }
  compactor.describe(view, compactor.signalsOf(view), compact)
  const [count, amount, key, json] = compact.contributions
  return { count, amount, key, json, bits: compact.bits }
}

describe('a key', () => {
  it('tells values apart by type and content, texts of any length and form too', () => {
    const values = [1, 2, '1', 'n1', true, false, 'true', 'btrue', '', 's', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(66), '\ud800', '\ud801', '"\\ud800"']
    const keys = values.map((x) => digested(x).key)
    expect(new Set(keys).size).toBe(values.length)
    expect(values.map((x) => digested(x).key)).toEqual(keys)
    expect(keys.every((key) => typeof key === 'string')).toBe(true)
  })

  it('stands for one value alone, whatever other values look like it', () => {
    const long = 'x'.repeat(70)
    const halfPair = `\ud800${'x'.repeat(60)}`
    const illFormed = [halfPair, `${halfPair}\udc00\ud800`, `${'x'.repeat(60)}\udfff`]
    const looks = [long, ...illFormed].flatMap((value) => {
      const json = JSON.stringify(value)
      const hash = createHash('sha256').update(value).digest('base64url')
      const jsonHash = createHash('sha256').update(json).digest('base64url')
      return [value, json, JSON.stringify(json), hash, `h${hash}`, `sh${hash}`, `h${jsonHash}`, `i${jsonHash}`, `ih${jsonHash}`, digested(value).key as string]
    })
    const others = [1e21, '1e21', '1e+21', 'n1e+21', 0, '0', 'n0', '-0', 0.1, '0.1', 1e-7, '1e-7', true, 'true', 'btrue', 2 ** 53 - 1, `${2 ** 53 - 1}`]
    const values = [...new Set<unknown>([...looks, ...others])]
    expect(new Set(values.map((value) => digested(value).key)).size).toBe(values.length)
    // JSON tells no zero from another.
    expect(digested(-0).key).toBe(digested(0).key)
  })

  it('is equal where JSON is, and only there', () => {
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
        const keys = values.map((value) => digested(value).key)
        expect(new Set(keys).size).toBe(new Set(values.map((value) => JSON.stringify(value))).size)
      }),
      { numRuns: 300 },
    )
  })

  it('has at most 65 characters', () => {
    expect([digested('x'.repeat(64)).key, digested('x'.repeat(65)).key?.toString().length]).toEqual([`s${'x'.repeat(64)}`, 44])
  })

  it.each([[null], [undefined], [{}], [[1]]])('is none: %j', (x) => {
    expect(digested(x).key).toBeUndefined()
  })
})

describe('what a measure has to know of an event', () => {
  it('is nothing for a count, the amount, or the JSON of a value', () => {
    expect(digested(2.5)).toMatchObject({ count: undefined, amount: 2.5, key: 'n2.5', json: '2.5' })
    expect(digested('5')).toMatchObject({ amount: undefined, key: 's5', json: '"5"' })
    expect(digested({ y: [1] })).toMatchObject({ amount: undefined, json: '{"y":[1]}' })
    expect([digested(null).json, digested(undefined).json]).toEqual([undefined, undefined])
  })

  it('is nothing where it does not count the event, which then has no amount to miss', () => {
    const compactor = new EventCompactor(cycle)
    expect(digested(7, compactor, 'B')).toMatchObject({ amount: undefined, key: undefined, json: undefined })
    digested('no amount', compactor, 'B')
    expect(compactor.remarks.record().skipped).toEqual({})
    digested('no amount', compactor)
    expect(Object.values(compactor.remarks.record().skipped)).toEqual([{ numerals: 0, beyond: 0, others: 1 }])
  })

  it('is forgotten with the next event that says nothing', () => {
    const [compact, compactor] = [new CompactEvent(cycle), new EventCompactor(cycle)]
    const describeAs = (event: string, properties: object) =>
      compactor.describe({ event, properties: { ...properties } }, compactor.signalsOf({ event }), compact)
    describeAs('A', { x: 1 })
    expect([compact.signals, compact.bits, compact.contributions[1]]).toEqual([1, 1, 1])
    describeAs('B', { x: 1, n: 2 })
    expect([compact.signals, compact.bits, compact.contributions]).toEqual([4, 3, [undefined, undefined, undefined, undefined]])
  })
})

describe('the signals of an event', () => {
  it('are those of its name whose condition holds', () => {
    const compactor = new EventCompactor(cycle)
    const of = (event: string, n = 0) => compactor.signalsOf({ event, properties: { n } })
    expect([of('A'), of('A', 6), of('AA', 6), of('AA'), of('B', 6), of('a')]).toEqual([1, 3, 2, 0, 4, 0])
  })

  it('are found however many names there were before', () => {
    const compactor = new EventCompactor(cycle)
    for (let n = 0; n < 10_010; n++) expect(compactor.signalsOf({ event: `${n}`, properties: {} })).toBe(0)
    expect(compactor.signalsOf({ event: 'A', properties: {} })).toBe(1)
  })
})
