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
    ['a value without operator', { a: 1 }, true],
    ['a map of operators', { a: { gte: 1, lt: 3, in: ['x', null] } }, true],
    ['a nested condition', { all: [{ any: [{ not: { all: [{ a: { exists: true } }] } }] }], b: null }, true],
    ['a map with an unknown operator', { a: { gtee: 1 } }, false],
    ['a nested map with an unknown operator', { all: [{ any: [{ not: { a: { gtee: 1 } } }] }] }, false],
    ['a comparison with a list', { a: [1] }, false],
    ['an all with a map', { all: { a: 1 } }, false],
    ['an empty all', { all: [] }, false],
    ['a list', [], false],
  ])('a condition that is %s, %j, is accepted: %s', (_, condition, isAccepted) => {
    expect(accepts(withCondition(condition))).toBe(isAccepted)
  })

  it('refuses an unknown key, a wrong kind and a missing stage list', () => {
    const { stages, ...rest } = parse(textOf('presence-30d.yaml'))
    expect(accepts({ ...rest, stages, colour: 'red' })).toBe(false)
    expect(accepts({ ...rest, stages: [{ id: 'a', kind: 'actve' }] })).toBe(false)
    expect(accepts(rest)).toBe(false)
  })
})
