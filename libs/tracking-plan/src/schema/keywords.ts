/** What the value of a keyword is: one schema, a list or a map of schemas, or data. */
type KeywordKind = 'schema' | 'schemas' | 'schema map' | 'schema or schemas' | 'schema or names map' | 'data'

const common = {
  $schema: 'data',
  $ref: 'data',
  $comment: 'data',
  $defs: 'schema map',
  definitions: 'schema map',
  title: 'data',
  description: 'data',
  default: 'data',
  examples: 'data',
  deprecated: 'data',
  readOnly: 'data',
  writeOnly: 'data',
  contentEncoding: 'data',
  contentMediaType: 'data',
  type: 'data',
  enum: 'data',
  const: 'data',
  multipleOf: 'data',
  maximum: 'data',
  exclusiveMaximum: 'data',
  minimum: 'data',
  exclusiveMinimum: 'data',
  maxLength: 'data',
  minLength: 'data',
  pattern: 'data',
  format: 'data',
  maxItems: 'data',
  minItems: 'data',
  uniqueItems: 'data',
  contains: 'schema',
  maxProperties: 'data',
  minProperties: 'data',
  required: 'data',
  properties: 'schema map',
  patternProperties: 'schema map',
  additionalProperties: 'schema',
  propertyNames: 'schema',
  if: 'schema',
  // biome-ignore lint/suspicious/noThenProperty: it is the name of a keyword
  then: 'schema',
  else: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  not: 'schema',
} as const satisfies Readonly<Record<string, KeywordKind>>

/**
 * The keywords of a dialect. Those that load, name or choose other schemas at run time are not among them, nor `unevaluatedItems` and
 * `unevaluatedProperties`, which ajv gets wrong in some cases of the official test suite.
 */
export type Keywords = ReadonlyMap<string, KeywordKind>

/** The keywords of JSON Schema 2020-12 that a plan may use. */
export const keywordsOf2020: Keywords = new Map<string, KeywordKind>([
  ...Object.entries(common),
  ['items', 'schema'],
  ['prefixItems', 'schemas'],
  ['minContains', 'data'],
  ['maxContains', 'data'],
  ['dependentRequired', 'data'],
  ['dependentSchemas', 'schema map'],
])

/** The keywords of JSON Schema draft-07 that a plan may use. */
export const keywordsOfDraft07: Keywords = new Map<string, KeywordKind>([
  ...Object.entries(common),
  ['items', 'schema or schemas'],
  ['additionalItems', 'schema'],
  ['dependencies', 'schema or names map'],
])
