import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { measureKindNames } from '#contracts'
import { examples } from '../libs/contracts/src/examples.ts'
import { fileOf, jsonSchemas, schemas } from '../scripts/json-schemas.ts'
import { withMeasureTable } from '../scripts/measure-table.ts'

const folder = join(dirname(import.meta.dirname), 'docs', 'reference', 'schemas')
const examplesOf = (name: string) => examples[name] ?? { good: [], bad: [] }

/** The places of issues, as dotted paths. */
function pathsOf(issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.map((issue) => issue.path.join('.'))
}

describe('the contracts', () => {
  it('have valid and invalid examples of every schema', () => {
    expect(Object.keys(examples).sort()).toEqual([...schemas.keys()].sort())
    for (const { good, bad } of Object.values(examples)) expect([good.length, bad.length].every((length) => length > 0)).toBe(true)
  })

  it('are the same in docs/reference/schemas (`npm run schemas`)', () => {
    const written = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(jsonSchemas()))
  })

  it('have their kinds of measures in the table of rule 18 (`npm run schemas`)', () => {
    const page = readFileSync(join(folder, '../semantics.md'), 'utf8')
    expect(page).toBe(withMeasureTable(page))
    for (const kind of measureKindNames) expect(page).toMatch(new RegExp(`^\\| \`${kind}\\b`, 'm'))
  })
})

describe.each([...schemas])('%s', (name, schema) => {
  const { good, bad } = examplesOf(name)
  const cases = good.map((value): [string, unknown] => [JSON.stringify(value).slice(0, 120), value])
  const refusals = bad.map(([value, path]): [string, unknown, string] => [JSON.stringify(value).slice(0, 120), value, path])

  it.each(cases)('accepts %s, also after it was written and read', (_, value) => {
    const taken = schema.parse(value)
    expect(schema.parse(JSON.parse(JSON.stringify(taken)))).toEqual(JSON.parse(JSON.stringify(taken)))
    expect({ taken }).toMatchObject({ taken: JSON.parse(JSON.stringify(value)) })
  })

  it.each(refusals)('refuses %s', (_, value, path) => {
    const { success, error } = schema.safeParse(value)
    expect(success).toBe(false)
    expect(pathsOf(error?.issues ?? [])).toContain(path)
  })

  it.each(cases)('as JSON Schema takes %s', (_, value) => {
    const text = jsonSchemas().get(fileOf(name)) ?? '{}'
    const { success } = z.fromJSONSchema(JSON.parse(text)).safeParse(JSON.parse(JSON.stringify(value)))
    expect(success).toBe(true)
  })
})
