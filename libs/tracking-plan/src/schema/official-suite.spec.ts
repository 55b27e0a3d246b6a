import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import { compileSchema } from './compile-schema.ts'

interface Group {
  readonly of: string
  readonly description: string
  readonly schema: Record<string, unknown> | boolean
  readonly tests: readonly (readonly [description: string, value: unknown, isValid: boolean])[]
}

const file = join(import.meta.dirname, '../../../../test/fixtures/data/json_schema_tests.ndjson.gz')
const groups = gunzipSync(readFileSync(file))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Group)

/** What the suite says of a schema, beside what its check says. A schema that is true or false has no place in the plan. */
function outcomeOf({ of, description, schema, tests }: Group): { readonly refusal?: string; readonly right: number; readonly wrong: readonly string[] } {
  const whole = typeof schema === 'boolean' ? { allOf: [schema] } : schema
  try {
    const check = compileSchema(of.startsWith('draft7') ? { $schema: 'http://json-schema.org/draft-07/schema#', ...whole } : whole)
    const wrong = tests.filter(([, value, isValid]) => (check(value) === undefined) !== isValid)
    return { right: tests.length - wrong.length, wrong: wrong.map(([test]) => `${of}: ${description}: ${test}`) }
  } catch (error) {
    if (!(error instanceof RondoError && error.code === 'RONDO_PLAN_INVALID')) throw error
    return { refusal: error.message, right: 0, wrong: [] }
  }
}

const outcomes = groups.map(outcomeOf)

it('a schema that is accepted gives the answers of the official test suite, but for known cases', () => {
  const wrong = outcomes.flatMap((outcome) => outcome.wrong)
  expect(wrong.filter((name) => !name.includes(' (format): '))).toEqual([
    'draft2020-12/multipleOf: float division = inf: always invalid, but naive implementations may raise an overflow error',
    'draft7/multipleOf: float division = inf: always invalid, but naive implementations may raise an overflow error',
    // Keywords beside a $ref count in draft-07 too, as in 2020-12.
    'draft7/ref: ref overrides any sibling keywords: ref valid, maxItems ignored',
  ])
  expect(outcomes.reduce((sum, { right }) => sum + right, 0)).toBeGreaterThan(2_500)
})

it('formats are those of ajv-formats, which are wrong in rare cases', () => {
  const formats = outcomes.flatMap(({ wrong }) => wrong.flatMap((name) => /^draft2020-12\/(\S+) \(format\)/.exec(name)?.[1] ?? []))
  const counts = Object.fromEntries([...Map.groupBy(formats, (format) => format)].map(([format, all]) => [format, all.length]))
  expect(counts).toEqual({ 'date-time': 3, duration: 2, email: 5, hostname: 24, uri: 3, 'uri-reference': 6, 'uri-template': 3, uuid: 1 })
})

it('a schema is refused only for a known reason', () => {
  const reasons = [
    /expected a reference inside the schema/,
    /the keyword "[^"]*" is not known here/,
    /has a key __proto__/,
    /is not an RE2 pattern/,
    /strict mode: .*(is|keyword) ignored|strict mode: .*is always invalid/,
  ]
  const refusals = outcomes.flatMap(({ refusal }) => refusal ?? [])
  expect(refusals.filter((refusal) => !reasons.some((reason) => reason.test(refusal)))).toEqual([])
  expect(refusals.length).toBeLessThan(groups.length / 4)
})
