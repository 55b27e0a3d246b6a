import type { ErrorObject } from 'ajv'

/** The first defect of a value: its place and what was expected there. */
export interface SchemaDefect {
  /** Such as `properties.items.0.price`; undefined if it is the whole. */
  readonly path: string | undefined
  readonly reason: string
}

/** How much of a value a message shows. */
const SHOWN_MAX = 100
/** How many values of a list a message shows. */
const LISTED_MAX = 10

/** The parameters of a defect that the checker has found. */
type Params = Readonly<Record<string, unknown>>
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text
}

/** The expectation of a keyword in words, from its parameters and its value in the schema. */
const expectations: Readonly<Record<string, (params: Params, schema: unknown) => string>> = {
  type: ({ type }) => `a value of type ${[type].flat().join(' or ')}`,
  required: () => 'a value',
  dependentRequired: ({ property }) => `a value, because there is one of ${shown(property)}`,
  additionalProperties: () => 'no property of this name',
  const: (_, schema) => shown(schema),
  enum: (_, schema) => `one of ${listOf(schema)}`,
  minimum: ({ limit }) => `at least ${limit}`,
  maximum: ({ limit }) => `at most ${limit}`,
  exclusiveMinimum: ({ limit }) => `more than ${limit}`,
  exclusiveMaximum: ({ limit }) => `less than ${limit}`,
  multipleOf: ({ multipleOf }) => `a multiple of ${multipleOf}`,
  minLength: ({ limit }) => `at least ${limit} characters`,
  maxLength: ({ limit }) => `at most ${limit} characters`,
  pattern: ({ pattern }) => `a text that matches ${shown(pattern)}`,
  format: ({ format }) => `a text in the format ${format}`,
  minItems: ({ limit }) => `at least ${limit} items`,
  maxItems: ({ limit }) => `at most ${limit} items`,
  uniqueItems: () => 'items that are all different',
  minProperties: ({ limit }) => `at least ${limit} properties`,
  maxProperties: ({ limit }) => `at most ${limit} properties`,
  'false schema': () => 'nothing here',
}

function listOf(values: unknown): string {
  const list = values as readonly unknown[]
  return [...list.slice(0, LISTED_MAX).map(shown), ...(list.length > LISTED_MAX ? ['…'] : [])].join(', ')
}

/** The property that a defect is about, if it is not at the place of the error itself. */
function propertyOf({ params }: ErrorObject): string | undefined {
  const { missingProperty, additionalProperty, propertyName } = params as Params
  const name = missingProperty ?? additionalProperty ?? propertyName
  return typeof name === 'string' ? name : undefined
}

const partOf = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
/** How much of a path a message shows. */
const PATH_LENGTH_MAX = 256

/** The defect of an error. Names and values that come from the sender are shortened. */
export function firstDefect(error: ErrorObject): SchemaDefect {
  const names = error.instancePath.split('/').slice(1).map(partOf)
  const property = propertyOf(error)
  const whole = [...names, ...(property === undefined ? [] : [property])].join('.')
  const path = whole.length > PATH_LENGTH_MAX ? `${whole.slice(0, PATH_LENGTH_MAX - 1)}…` : whole
  const reason = expectationOf(error)
  return path === '' ? { path: undefined, reason } : { path, reason: `${path}: ${reason}` }
}

/** What was expected, and what was found. */
export function expectationOf({ keyword, params, schema, data, message }: ErrorObject): string {
  const expectation = expectations[keyword]?.(params as Params, schema)
  if (expectation === undefined) return message ?? `expected what ${keyword} says`
  const found = keyword === 'required' ? 'nothing' : foundIn(data)
  return `expected ${expectation}${found === '' ? '' : `, found ${found}`}`
}

/** What was found, if it is short enough to help. */
function foundIn(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : shown(value)
}
