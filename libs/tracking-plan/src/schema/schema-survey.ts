import { invalidPlan } from './invalid-plan.ts'
import type { Keywords } from './keywords.ts'
import { linearPattern } from './linear-pattern.ts'

/** The length of a schema as JSON, in bytes of UTF-8. */
const SCHEMA_BYTES_MAX = 65_536
/** More levels than an event has, since each level of an event takes two of a schema. */
export const SCHEMA_DEPTH_MAX = 64
/**
 * The limit of the values in a schema, and of the instructions of its patterns, with each reference replaced by what it refers to. The time
 * of a check is at most about the product of this number and the size of the event.
 */
const SCHEMA_SIZE_MAX = 5_000

const encoder = new TextEncoder()
/** An object of JSON. */
type JsonObject = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Checks that a schema is small enough, and that it has only keywords whose effect is known, and references only inside itself.
 * @throws RondoError RONDO_PLAN_INVALID
 */
export function surveySchema(schema: JsonObject, keywords: Keywords, formats: ReadonlySet<string>): void {
  checkValue(schema, '#', 0)
  const bytes = encoder.encode(JSON.stringify(schema)).length
  if (bytes > SCHEMA_BYTES_MAX) throw invalidPlan(`it has ${bytes} bytes, expected at most ${SCHEMA_BYTES_MAX}`)
  const size = new SchemaSurvey(schema, keywords, formats).sizeOf(schema, '#')
  if (size > SCHEMA_SIZE_MAX) throw invalidPlan(`it has ${size} values with its references replaced, expected at most ${SCHEMA_SIZE_MAX}`)
}

/** A key __proto__ would not be checked, and a number that is not finite cannot be written as JSON. */
function checkValue(value: unknown, place: string, depth: number): void {
  if (depth > SCHEMA_DEPTH_MAX) throw invalidPlan(`it has more than ${SCHEMA_DEPTH_MAX} levels`)
  if (isTooLarge(value)) throw invalidPlan(`${place} is a number that is too large`)
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) throw invalidPlan(`${place} has a key __proto__, which cannot be checked`)
  for (const [key, inner] of Object.entries(value)) checkValue(inner, `${place}/${pointerPart(key)}`, depth + 1)
}

/** A number that no double can hold; foreign JSON is read with such numbers as raw JSON (readJson of #sources). */
const isTooLarge = (value: unknown): boolean => (typeof value === 'number' && !Number.isFinite(value)) || json.isRawJSON(value)
const json = JSON as unknown as { isRawJSON(value: unknown): boolean }

const pointerPart = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
const nameOfPart = (part: string): string => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')

/** Counts the values of a schema. Places are JSON pointers in it. */
class SchemaSurvey {
  readonly #root: JsonObject
  readonly #keywords: Keywords
  readonly #formats: ReadonlySet<string>
  /** The sizes of what is referred to; undefined while it is counted. */
  readonly #referred = new Map<string, number | undefined>()

  constructor(root: JsonObject, keywords: Keywords, formats: ReadonlySet<string>) {
    this.#root = root
    this.#keywords = keywords
    this.#formats = formats
  }

  sizeOf(schema: unknown, place: string): number {
    if (typeof schema === 'boolean') return 1
    if (!isObject(schema)) throw invalidPlan(`${place}: expected a schema, which is an object, true or false`)
    return Object.entries(schema).reduce((size, [keyword, value]) => size + this.#keywordSize(keyword, value, `${place}/${pointerPart(keyword)}`), 1)
  }

  #keywordSize(keyword: string, value: unknown, place: string): number {
    const kind = this.#keywords.get(keyword)
    if (kind === undefined) throw invalidPlan(`${place}: the keyword ${JSON.stringify(keyword)} is not known here`)
    if (kind === 'data') return this.#dataSize(keyword, value, place)
    if (kind === 'schema' || (kind === 'schema or schemas' && !Array.isArray(value))) return this.sizeOf(value, place)
    if (typeof value !== 'object' || value === null) throw invalidPlan(`${place}: expected an object or a list`)
    // Definitions count where they are referred to.
    const isCounted = keyword !== '$defs' && keyword !== 'definitions'
    const sizes = Object.entries(value).map(([name, each]) => {
      const isNames = kind === 'schema or names map' && Array.isArray(each)
      const size = isNames ? each.length : this.sizeOf(each, `${place}/${pointerPart(name)}`)
      return keyword === 'patternProperties' ? size + linearPattern(name).size : size
    })
    return isCounted ? sizes.reduce((sum, size) => sum + size, 1) : 1
  }

  #dataSize(keyword: string, value: unknown, place: string): number {
    if (keyword === '$ref') return this.#referenceSize(value, place)
    if (keyword === 'pattern') return linearPattern(String(value)).size
    if (keyword === 'format' && !this.#formats.has(String(value))) {
      throw invalidPlan(`${place}: the format ${JSON.stringify(value)} is not known; known are ${[...this.#formats].join(', ')}`)
    }
    return valuesIn(value)
  }

  #referenceSize(reference: unknown, place: string): number {
    if (typeof reference !== 'string' || !reference.startsWith('#/')) {
      throw invalidPlan(`${place}: expected a reference inside the schema, such as #/$defs/price; nothing is loaded from elsewhere`)
    }
    const known = this.#referred.get(reference)
    if (known !== undefined) return known
    if (this.#referred.has(reference)) throw invalidPlan(`${place}: ${reference} refers to itself, so that a check might not end`)
    this.#referred.set(reference, undefined)
    const size = this.sizeOf(this.#at(reference, place), reference)
    this.#referred.set(reference, size)
    return size
  }

  #at(reference: string, place: string): unknown {
    let value: unknown = this.#root
    for (const part of reference.slice(2).split('/')) {
      const name = decoded(part)
      if (typeof value !== 'object' || value === null || name === undefined || !Object.hasOwn(value, name)) {
        throw invalidPlan(`${place}: there is nothing at ${reference}`)
      }
      value = (value as JsonObject)[name]
    }
    return value
  }
}

function decoded(part: string): string | undefined {
  try {
    return nameOfPart(part)
  } catch {
    return undefined
  }
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, inner) => sum + valuesIn(inner), 1)
}
