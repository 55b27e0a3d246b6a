import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { columns } from './columns.ts'

it('docs/reference/archive.md lists the columns in their order, with types', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/reference/archive.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (\w+) \| ([A-Z]\w+) \| (yes|no) \| (.+) \|$/gm)].map(([, name, type, always, description]) => ({
    name,
    type,
    always,
    description,
  }))
  expect(rows).toEqual(
    columns.map(({ name, type, isRequired, description }) => ({
      name,
      type: type.converted_type ?? type.type,
      always: isRequired ? 'yes' : 'no',
      description,
    })),
  )
})
