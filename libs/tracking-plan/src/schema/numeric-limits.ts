import { type Keywords, keywordsOf2020, keywordsOfDraft07 } from './keywords.ts'
import { SCHEMA_DEPTH_MAX } from './schema-survey.ts'

/** The keywords whose value is a number. */
const numericKeywords: ReadonlySet<string> = new Set([
  ...['maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'multipleOf'],
  ...['maxLength', 'minLength', 'maxItems', 'minItems', 'maxContains', 'minContains', 'maxProperties', 'minProperties'],
])
const keywords: Keywords = new Map([...keywordsOfDraft07, ...keywordsOf2020, ['items', 'schema or schemas']])

/** An object of JSON. */
type JsonObject = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A schema in which a limit beyond 2^53, such as the largest number of 64 bits, is a number again. Foreign JSON is read with such numbers as texts, and
 * a limit cannot be a text. Values to compare with (`const`, `enum`) stay texts, because those of events are texts, too.
 * @param exact the schema as foreign JSON is read
 * @param plain the same schema, read by JSON.parse
 */
export function numericLimits(exact: unknown, plain: unknown): unknown {
  return withLimits(exact, plain, 0)
}

function withLimits(exact: unknown, plain: unknown, depth: number): unknown {
  // The survey refuses a schema that is as deep.
  if (depth > SCHEMA_DEPTH_MAX) return exact
  if (Array.isArray(exact) && Array.isArray(plain)) return exact.map((each, at) => withLimits(each, plain[at], depth + 1))
  if (!isObject(exact) || !isObject(plain)) return exact
  return mapped(exact, (keyword, value) => {
    const number = plain[keyword]
    if (numericKeywords.has(keyword)) return typeof value === 'string' && typeof number === 'number' ? number : value
    const kind = keywords.get(keyword)
    if (kind === undefined || kind === 'data') return value
    if ((kind === 'schema map' || kind === 'schema or names map') && isObject(value) && isObject(number)) {
      return mapped(value, (name, each) => withLimits(each, number[name], depth + 2))
    }
    return withLimits(value, number, depth + 1)
  })
}

/** fromEntries keeps a key __proto__, which the survey refuses. */
const mapped = (object: JsonObject, change: (key: string, value: unknown) => unknown): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]))
