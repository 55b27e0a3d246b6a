// Writes what follows from the schemas and routes: docs/reference/schemas, the JSON Schema of each record and of the definition's format, for
// editors and other languages; the table of the kinds of measures in docs/reference/semantics.md; docs/reference/api.md; and
// docs/reference/asyncapi.json, the topics on Kafka.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage } from './api-page.ts'
import { asyncApiText } from './asyncapi-text.ts'
import { readDecoratedSources } from './decorated-sources.ts'
import { jsonSchemas } from './json-schemas.ts'
import { withMeasureTable } from './measure-table.ts'
import { root } from './root.ts'

readDecoratedSources()
const reference = join(root, 'docs', 'reference')
const folder = join(reference, 'schemas')

mkdirSync(folder, { recursive: true })
for (const file of readdirSync(folder)) rmSync(join(folder, file))
for (const [file, text] of jsonSchemas()) writeFileSync(join(folder, file), text)

const semantics = join(reference, 'semantics.md')
writeFileSync(semantics, withMeasureTable(readFileSync(semantics, 'utf8')))
writeFileSync(join(reference, 'api.md'), await apiPage())
writeFileSync(join(reference, 'asyncapi.json'), asyncApiText())
