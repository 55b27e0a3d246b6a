import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { definitionJsonSchema } from './json-schema.ts'

const CYCLES = new URL('../../../../test/fixtures/cycles/', import.meta.url)
const textOf = (name: string): string => readFileSync(new URL(name, CYCLES), 'utf8')
const accepts = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(definitionJsonSchema())

const withCondition = (condition: unknown): unknown => {
  const definition = parse(textOf('shop-customer.yaml'))
  definition.transitions[1].when = condition
  return definition
}

describe('definitionJsonSchema', () => {
  it.each(readdirSync(CYCLES).filter((name) => name.endsWith('.yaml')))('accepts %s', (name) => {
    accepts(parse(textOf(name)))
    expect(accepts.errors).toBeNull()
  })

  it.each([
    ['a bare value', { a: 1 }, true],
    ['operators', { a: { gte: 1, lt: 3, in: ['x', null] } }, true],
    ['conditions within conditions', { all: [{ any: [{ not: { all: [{ a: { exists: true } }] } }] }], b: null }, true],
    ['an unknown operator', { a: { gtee: 1 } }, false],
    ['an unknown operator deep within', { all: [{ any: [{ not: { a: { gtee: 1 } } }] }] }, false],
    ['a list for a value', { a: [1] }, false],
    ['a map for all', { all: { a: 1 } }, false],
    ['an empty all', { all: [] }, false],
    ['a list for a condition', [], false],
  ])('of conditions, %s: %j is %s', (_, condition, fine) => {
    expect(accepts(withCondition(condition))).toBe(fine)
  })

  it('refuses an unknown key, a wrong kind and a missing stage list', () => {
    const { stages, ...rest } = parse(textOf('presence-30d.yaml'))
    expect(accepts({ ...rest, stages, colour: 'red' })).toBe(false)
    expect(accepts({ ...rest, stages: [{ id: 'a', kind: 'actve' }] })).toBe(false)
    expect(accepts(rest)).toBe(false)
  })
})
