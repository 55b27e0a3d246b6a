import { describe, expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { readJson } from '#sources'
import { compileSchema } from './compile-schema.ts'

const invalid = (text: string) => expect.objectContaining({ code: 'RONDO_PLAN_INVALID', message: expect.stringContaining(text) })
const defectIn = (schema: Record<string, unknown>, value: unknown) => compileSchema(schema)(value)
const ofTotal = (total: object) => ({ properties: { properties: { required: ['total'], properties: { total } } } })

describe('a schema', () => {
  it.each([
    [ofTotal({ type: 'number' }), { properties: { total: 12 } }, undefined],
    [ofTotal({ type: 'number' }), { properties: { total: '12' } }, 'properties.total: expected a value of type number, found "12"'],
    [ofTotal({ type: ['number', 'null'] }), { properties: { total: [] } }, 'properties.total: expected a value of type number or null, found a list'],
    [ofTotal({}), { properties: {} }, 'properties.total: expected a value, found nothing'],
    [{ additionalProperties: false }, { a: 1 }, 'a: expected no property of this name, found an object'],
    [{ properties: { a: { enum: ['x', 'y'] } } }, { a: 'z' }, 'a: expected one of "x", "y", found "z"'],
    [{ properties: { a: { const: { b: [1] } } } }, { a: { b: [2] } }, 'a: expected {"b":[1]}, found an object'],
    [{ properties: { a: { minimum: 3 } } }, { a: 2 }, 'a: expected at least 3, found 2'],
    [{ properties: { a: { pattern: '^\\d+$' } } }, { a: 'x1' }, 'a: expected a text that matches "^\\\\d+$", found "x1"'],
    [{ properties: { a: { items: { format: 'date-time' } } } }, { a: ['2026-01-01'] }, 'a.0: expected a text in the format date-time, found "2026-01-01"'],
    [{ properties: { 'a/b': { maxLength: 1 } } }, { 'a/b': 'xy' }, 'a/b: expected at most 1 characters, found "xy"'],
  ])('%j finds in %j: %s', (schema, value, reason) => expect(defectIn(schema, value)?.reason).toBe(reason))

  it.each([
    [
      { properties: { a: { type: 'objekt' } } },
      '#/properties/a/type: expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "objekt".',
    ],
    [{ $schema: 'http://json-schema.org/draft-07/schema#', type: 'objekt' }, '#/type: expected one of "array", '],
    [{ minLength: -1 }, '#/minLength: expected at least 0, found -1.'],
    [{ required: 'a' }, '#/required: expected a value of type array, found "a".'],
    [{ typo: 1 }, '#/typo: the keyword "typo" is not known'],
    [{ $async: true }, '$async'],
    [{ $id: 'https://example.com/a', properties: { a: { $id: 'b' } } }, '#/properties/a/$id: the keyword'],
    [{ $schema: 'http://json-schema.org/draft-04/schema#' }, '$schema: expected'],
    [{ $ref: 'https://example.com/other.json' }, '#/$ref: expected a reference inside the schema'],
    [{ $ref: '#/$defs/a' }, 'there is nothing at #/$defs/a'],
    [{ $ref: '#/%zz' }, 'there is nothing at #/%zz'],
    [{ $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, '#/$defs/a refers to itself'],
    [{ $dynamicRef: '#a' }, '$dynamicRef'],
    [{ format: 'url' }, 'the format "url" is not known'],
    [{ pattern: '(?=a)' }, 'is not an RE2 pattern'],
    [{ patternProperties: { '(a)\\1': true } }, 'is not an RE2 pattern'],
    [{ pattern: 'a'.repeat(1001) }, 'a pattern has 1001 characters'],
    [{ pattern: '((a{100}){100}){100}' }, 'is not an RE2 pattern'],
    [{ allOf: Array.from({ length: 20 }, () => ({ pattern: '(a{999})' })) }, 'values with its references replaced'],
    [JSON.parse('{"properties": {"__proto__": {"type": "string"}}}'), '#/properties has a key __proto__'],
    [{ const: JSON.parse('{"a": 1e400}') }, 'a number that is too large'],
    [readJson('{"const": [1e400]}') as Record<string, unknown>, '#/const/0 is a number that is too large'],
    [{ description: 'x'.repeat(70_000) }, 'expected at most 65536'],
    [{ enum: Array.from({ length: 6000 }, (_, n) => n) }, 'expected at most 5000'],
    [{ properties: { a: 7 } }, '#/properties/a: expected a schema'],
    [{ properties: 7 }, '#/properties: expected an object or a list'],
    [nested(40), 'levels'],
  ])('that cannot be used is refused: %#', (schema, text) => expect(() => compileSchema(schema)).toThrow(invalid(text)))

  it('whose references double at each step is refused, and not followed', () => {
    const $defs: Record<string, object> = { d0: { type: 'string' } }
    for (let n = 1; n <= 60; n++) $defs[`d${n}`] = { anyOf: [{ $ref: `#/$defs/d${n - 1}` }, { $ref: `#/$defs/d${n - 1}` }] }
    expect(() => compileSchema({ $defs, $ref: '#/$defs/d60' })).toThrow(invalid('values with its references replaced'))
  })
})

function nested(levels: number): Record<string, unknown> {
  return levels === 0 ? {} : { properties: { a: nested(levels - 1) } }
}

describe('a hostile value', () => {
  const long = `${'a'.repeat(60_000)}!`

  it.each(['^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$'])('does not hold up the pattern %s', (pattern) => {
    expect(defectIn({ pattern }, long)?.reason).toContain('that matches')
    expect(defectIn({ patternProperties: { [pattern]: false } }, { [long]: 1 })).toBeUndefined()
  })

  it('does not hold up a format', () => {
    const texts = ['a', '1.', 'a@', ':', '/', '%41', '-'].flatMap((part) =>
      ['', 'http://', 'a@'].map((start) => `${start}${part.repeat(60_000 / part.length)} `),
    )
    for (const format of ['email', 'uri', 'uri-reference', 'uri-template', 'hostname', 'date-time', 'duration', 'ipv6', 'uuid', 'json-pointer']) {
      // A JSON pointer may have blanks.
      const fitting = texts.filter((text) => defectIn({ format }, text) === undefined)
      expect([format, fitting.filter((text) => !text.startsWith('/'))]).toEqual([format, []])
    }
  })

  it('with many different items is unique in one pass, and equal items are found in any order of keys', () => {
    const items = Array.from({ length: 20_000 }, (_, n) => [n])
    expect(defectIn({ uniqueItems: true }, items)).toBeUndefined()
    expect(defectIn({ uniqueItems: true }, [{ a: 1, b: 2 }, 0, { b: 2, a: 1 }])?.reason).toBe('expected items that are all different, found a list')
    expect(defectIn({ uniqueItems: false }, [1, 1])).toBeUndefined()
  })

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])('has no %s unless it is its own', (name) => {
    const schema = { required: [name] }
    if (name !== '__proto__') expect(defectIn({ additionalProperties: false, properties: { [name]: {} } }, JSON.parse(`{"${name}": 1}`))).toBeUndefined()
    expect(defectIn(schema, {})?.path).toBe(name)
    expect(defectIn(schema, JSON.parse(`{"${name}": 1}`))).toBeUndefined()
    expect(defectIn({ const: { a: 1 } }, JSON.parse(`{"${name}": 1}`))?.reason).toContain('expected {"a":1}')
    expect(defectIn({ enum: [{ a: 1 }] }, JSON.parse(`{"${name}": {"valueOf": 1}}`))?.reason).toContain('expected one of')
  })

  it('does not make a message long', () => {
    const defect = defectIn({ additionalProperties: false }, { [long]: long })
    expect([defect?.path?.length, (defect?.reason.length ?? 0) < 500]).toEqual([256, true])
  })
})

it('two patterns of one schema are not confused', () => {
  const check = compileSchema({ properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } })
  expect([check({ a: 'a', b: 'b' }), check({ a: 'b' })?.path, check({ b: 'a' })?.path]).toEqual([undefined, 'a', 'b'])
})

it('amounts are multiples of a cent', () => {
  for (const amount of [19.99, 0.07, 1.1, 4.35, 1_000_000.01]) expect(defectIn({ multipleOf: 0.01 }, amount)).toBeUndefined()
  expect(defectIn({ multipleOf: 0.01 }, 19.995)?.reason).toBe('expected a multiple of 0.01, found 19.995')
})

it('a schema of draft-07 may have tuples, and one of 2020-12 may not', () => {
  const tuple = { items: [{ type: 'string' }, { type: 'number' }] }
  expect(defectIn({ $schema: 'http://json-schema.org/draft-07/schema#', ...tuple }, ['a', 'b'])?.path).toBe('1')
  expect(() => compileSchema(tuple)).toThrow(invalid('#/items: expected a schema'))
})

describe('any schema and any value', () => {
  // Values and schemas without patterns, formats and comparisons of values, for which ajv itself is a second opinion.
  const leaf = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', 'bb', ''), fc.boolean(), fc.constant(null))
  const name = fc.constantFrom('a', 'b', 'constructor', 'toString')
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'value' },
      leaf,
      fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'value' }),
      fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true, depthIdentifier: 'value' }),
    ),
  })).value
  const keywordsOver = (inner: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
    fc.record(
      {
        type: fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null'),
        minimum: fc.integer({ min: -2, max: 2 }),
        maxLength: fc.integer({ min: 0, max: 2 }),
        maxItems: fc.integer({ min: 0, max: 2 }),
        required: fc.uniqueArray(name, { maxLength: 2 }),
        properties: fc.dictionary(name, inner, { maxKeys: 2, noNullPrototype: true }),
        additionalProperties: inner,
        items: inner,
        anyOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
        not: inner,
      },
      { requiredKeys: [], noNullPrototype: true },
    )
  const schema = keywordsOver(fc.oneof(fc.boolean(), keywordsOver(fc.oneof(fc.boolean(), fc.constant({ type: 'string' })))))

  it('agree with ajv', () => {
    const plain = new Ajv2020({ ownProperties: true, strict: false, addUsedSchema: false })
    fc.assert(
      fc.property(schema, value, (one, other) => {
        expect(compileSchema(one)(other) === undefined).toBe(plain.compile(one)(other))
        plain.removeSchema(one)
      }),
    )
  })

  it('do not change, and equal values are equal in any order of keys', () => {
    fc.assert(
      fc.property(value, (one) => {
        const before = JSON.stringify(one)
        expect(compileSchema({ const: one })(JSON.parse(before))).toBeUndefined()
        expect(compileSchema({ not: { enum: [reversed(one)] } })(one)).toBeDefined()
        expect(JSON.stringify(one)).toBe(before)
      }),
    )
  })

  function reversed(one: unknown): unknown {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return one
    return Object.fromEntries(
      Object.entries(one)
        .reverse()
        .map(([key, inner]) => [key, reversed(inner)]),
    )
  }
})
