import { expect, it } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { shownSections } from '../../apps/nest/src/openapi/page/api-page.ts'
import { type JsonSchema, resolverOf } from '../../apps/nest/src/openapi/page/json-schema.ts'
import { SchemaExample } from '../../apps/nest/src/openapi/page/schema-example.ts'
import { apiDocument } from '../../scripts/api-page.ts'

/** The parts of the document that are read here. */
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly parameters: readonly { readonly name: string; readonly schema: JsonSchema }[] }>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

it('the page has each route once, with the paths that do the same', async () => {
  const document = (await apiDocument()) as Document
  const routes = shownSections(document).flatMap((section) => section.routes)
  const shown = routes.flatMap(({ method, path, others }) => [path, ...others].map((each) => `${method} ${each}`))
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  expect(shown.sort()).toEqual(operations.sort())
  expect(routes.length).toBeGreaterThan(40)
})

it('its examples follow the schemas of bodies, answers and parameters', async () => {
  const document = (await apiDocument()) as Document
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'document', ...document })
  const example = new SchemaExample(resolverOf(document))
  const bodies = Object.entries(document.components.schemas).map(([name, schema]) => ({
    name,
    schema: { $ref: `document#/components/schemas/${name}` },
    value: example.of(schema),
  }))
  const parameters = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).flatMap((each) => each.parameters.map(({ name, schema }) => ({ name: `${path} ${name}`, schema, value: example.of(schema, name) }))),
  )
  const wrong = [...bodies, ...parameters].flatMap(({ name, schema, value }) => {
    const isValid = ajv.compile(schema)
    return isValid(value) ? [] : [{ name, value, errors: ajv.errorsText(isValid.errors) }]
  })
  expect(wrong).toEqual([])
})
