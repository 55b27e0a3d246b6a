import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { asyncApiDocument, describedTopics } from '../../apps/nest/src/openapi/asyncapi-document.ts'
import { examples } from '../../libs/contracts/src/examples.ts'
import { allTopics } from '../../libs/event-log/src/kafka/client/topics.ts'
import { asyncApiText } from '../../scripts/asyncapi-text.ts'
import { root } from '../../scripts/root.ts'
import { trialSettings } from '../fixtures/broker/broker-for-tests.ts'

/** The parts of the document that are read here. */
interface Document {
  readonly channels: Readonly<Record<string, { readonly address: string; readonly bindings: { readonly kafka: { readonly topicConfiguration: object } } }>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}
const document = asyncApiDocument('1') as unknown as Document

function newAjv(): Ajv {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
  addFormats.default(ajv)
  return ajv
}

it('docs/reference/asyncapi.json is that of the code (`npm run schemas` writes it)', () => {
  expect(readFileSync(join(root, 'docs/reference/asyncapi.json'), 'utf8')).toBe(asyncApiText())
})

it('follows the JSON Schema that AsyncAPI publishes for its documents, and a wrong one would not', () => {
  const published = JSON.parse(gunzipSync(readFileSync(join(root, 'test/fixtures/data/asyncapi_3_0_0.json.gz'))).toString()) as object
  // It brings the schema of schemas with it.
  const ajv = new Ajv({ strict: false, meta: false, validateSchema: false })
  addFormats.default(ajv)
  const isValid = ajv.compile(published)
  expect([isValid(document), isValid.errors]).toEqual([true, null])
  const wrong = structuredClone(document) as unknown as { operations: Record<string, { action: string }> }
  for (const operation of Object.values(wrong.operations)) operation.action = 'publish'
  expect(isValid(wrong)).toBe(false)
})

it('each reference leads to a part of it', () => {
  const references = [...asyncApiText().matchAll(/"\$ref": "([^"]+)"/g)].map(([, reference = '']) => reference)
  const found = (reference: string): unknown => {
    const parts = reference.split('/').slice(1)
    return parts.reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>> | undefined)?.[name], document)
  }
  expect(references.length).toBeGreaterThan(10)
  expect(references.filter((reference) => found(reference) === undefined)).toEqual([])
})

it('has each topic that Rondo declares, compacted or not as it is declared', () => {
  const declared = allTopics({ ...trialSettings({ address: '127.0.0.1:1' } as never), cycle: 'musician' })
  expect([...describedTopics].sort()).toEqual(declared.map(({ topic }) => topic).sort())
  for (const { topic, name, config } of declared) {
    const { address, bindings } = document.channels[topic] as Document['channels'][string]
    expect(name.endsWith(address.replace('{prefix}', '').replace('{cycle}', '.musician'))).toBe(true)
    expect(bindings.kafka.topicConfiguration).toEqual({ 'cleanup.policy': [config['cleanup.policy']] })
  }
})

describe.each(Object.keys(document.components.schemas))('the schema of %s', (name) => {
  const { good, bad } = examples[`${name}Schema`] ?? { good: [], bad: [] }
  const ajv = newAjv()
  const isValid = ajv.compile(document.components.schemas[name] ?? {})

  it('takes the records that Rondo takes', () => {
    expect(good.length).toBeGreaterThan(0)
    const refused = good.filter((value) => !isValid(JSON.parse(JSON.stringify(value))))
    expect(refused.map((value) => [value, ajv.errorsText(isValid.errors)])).toEqual([])
  })

  it('refuses records that Rondo refuses, where JSON Schema can say why', () => {
    expect(bad.filter(([value]) => !isValid(value)).length).toBeGreaterThan(0)
  })
})
