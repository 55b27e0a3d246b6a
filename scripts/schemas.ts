// Writes docs/reference/schemas: the JSON Schema of each record and of the definition's format, for editors and other languages; and the
// table of the kinds of measures in docs/reference/semantics.md.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonSchemas } from './json-schemas.ts'
import { withMeasureTable } from './measure-table.ts'
import { root } from './root.ts'

const folder = join(root, 'docs', 'reference', 'schemas')

mkdirSync(folder, { recursive: true })
for (const file of readdirSync(folder)) rmSync(join(folder, file))
for (const [file, text] of jsonSchemas()) writeFileSync(join(folder, file), text)

const semantics = join(root, 'docs', 'reference', 'semantics.md')
writeFileSync(semantics, withMeasureTable(readFileSync(semantics, 'utf8')))
