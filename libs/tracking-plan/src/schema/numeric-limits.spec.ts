import { describe, expect, it } from '@jest/globals'
import { readJson } from '#sources'
import { compileSchema } from './compile-schema.ts'
import { numericLimits } from './numeric-limits.ts'

const LARGE = '9223372036854775807'
const read = (text: string): unknown => numericLimits(readJson(text), JSON.parse(text))
const checkOf = (text: string) => compileSchema(read(text) as Record<string, unknown>)

describe('a number beyond 2^53 in a schema', () => {
  it.each([
    ['{"maximum": N}', { maximum: Number(LARGE) }],
    ['{"type": "integer", "minimum": -N, "exclusiveMaximum": N}', { type: 'integer', minimum: -Number(LARGE), exclusiveMaximum: Number(LARGE) }],
    [
      '{"properties": {"maximum": {"maximum": N}, "const": {"maxLength": N}}}',
      { properties: { maximum: { maximum: Number(LARGE) }, const: { maxLength: Number(LARGE) } } },
    ],
    ['{"anyOf": [{"not": {"minimum": N}}, true]}', { anyOf: [{ not: { minimum: Number(LARGE) } }, true] }],
    ['{"$defs": {"a": {"items": {"maxItems": N}}}}', { $defs: { a: { items: { maxItems: Number(LARGE) } } } }],
  ])('is a number where it is a limit: %s', (text, schema) => {
    expect(read(text.replaceAll('N', LARGE))).toEqual(schema)
    expect(checkOf(text.replaceAll('N', LARGE))).toBeInstanceOf(Function)
  })

  it('keeps every digit where it is a value to compare with, as in events', () => {
    const check = checkOf(`{"properties": {"id": {"enum": [${LARGE}]}, "all": {"const": {"maximum": ${LARGE}}}}}`)
    expect(check(readJson(`{"id": ${LARGE}, "all": {"maximum": ${LARGE}}}`))).toBeUndefined()
    expect(check(readJson('{"id": 9223372036854775806}'))).toBeDefined()
  })

  it.each(['{"maximum": 1e400}', `{"maximum": ${'9'.repeat(400)}}`, `{"maximum": "${LARGE}"}`, '{"maximum": "many"}'])(
    'is refused if no double holds it, or it is a text: %s',
    (text) => {
      expect(() => checkOf(text)).toThrow(expect.objectContaining({ code: 'RONDO_PLAN_INVALID' }))
    },
  )
})

it('a schema that is nested too deep is refused, not read to its end', () => {
  const depth = 100_000
  const [exact, plain] = [0, 1].map(() => JSON.parse(`${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`))
  expect(() => compileSchema(numericLimits(exact, plain) as Record<string, unknown>)).toThrow(expect.objectContaining({ code: 'RONDO_PLAN_INVALID' }))
})
