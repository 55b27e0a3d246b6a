import { Ajv, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { replaceExactKeywords } from './exact-keywords.ts'
import { expectationOf, firstDefect, type SchemaDefect } from './first-defect.ts'
import { invalidPlan } from './invalid-plan.ts'
import { type Keywords, keywordsOf2020, keywordsOfDraft07 } from './keywords.ts'
import { linearPattern } from './linear-pattern.ts'
import { surveySchema } from './schema-survey.ts'

/** Finds the first defect of a value; undefined if it fits the schema. */
export type SchemaCheck = (value: unknown) => SchemaDefect | undefined

/** Formats whose time is linear: `url` of the same package is not among them, since some texts of 64 KB take minutes. */
const formatNames = [
  'date',
  'time',
  'date-time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uri-template',
  'uuid',
  'json-pointer',
  'relative-json-pointer',
] as const
const formats: ReadonlySet<string> = new Set(formatNames)

/** Two amounts that differ by less than this part of a step are equal: 19.99 is a multiple of 0.01, though not as a double. */
const MULTIPLE_DIGITS = 9

const options: Options = {
  strictSchema: true,
  strictNumbers: true,
  strictTypes: false,
  strictTuples: false,
  allowMatchingProperties: true,
  // Otherwise each value would have the properties of its prototype, such as `constructor`.
  ownProperties: true,
  // All defects of a foreign value could be more than fit into memory.
  allErrors: false,
  verbose: true,
  addUsedSchema: false,
  logger: false,
  multipleOfPrecision: MULTIPLE_DIGITS,
  code: { regExp: Object.assign((pattern: string) => linearPattern(pattern), { code: 'linearPattern' }) },
}

/** A version of JSON Schema: its keywords and its checker. */
interface Dialect {
  readonly keywords: Keywords
  readonly checker: Ajv
}

function prepared<Checker extends Ajv>(checker: Checker): Checker {
  for (const name of formatNames) checker.addFormat(name, fullFormats[name])
  // Only the schema of schemas has it; `surveySchema` refuses it elsewhere, and compiles each pattern itself.
  checker.addFormat('regex', true)
  replaceExactKeywords(checker)
  return checker
}

const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/
const DRAFT_2020 = 'https://json-schema.org/draft/2020-12/schema'
const dialects = {
  draft07: (): Dialect => ({ keywords: keywordsOfDraft07, checker: prepared(new Ajv(options)) }),
  draft2020: (): Dialect => ({ keywords: keywordsOf2020, checker: prepared(new Ajv2020(options) as unknown as Ajv) }),
}
const made = new Map<keyof typeof dialects, Dialect>()

function dialectOf(schema: Readonly<Record<string, unknown>>): Dialect {
  const { $schema = DRAFT_2020 } = schema
  const name = $schema === DRAFT_2020 ? 'draft2020' : typeof $schema === 'string' && DRAFT_07.test($schema) ? 'draft07' : undefined
  if (name === undefined) throw invalidPlan(`$schema: expected ${DRAFT_2020} or http://json-schema.org/draft-07/schema#`)
  const dialect = made.get(name) ?? dialects[name]()
  made.set(name, dialect)
  return dialect
}

/**
 * Compiles a JSON Schema into a check. Nothing is loaded, and the time of the check has a limit for each schema and each size of the value.
 * @throws RondoError RONDO_PLAN_INVALID that names the first place that cannot be used
 */
export function compileSchema(given: Readonly<Record<string, unknown>>): SchemaCheck {
  // The id would only be the name under which other schemas could refer to this one.
  const { $id: _id, ...schema } = given
  const { keywords, checker } = dialectOf(schema)
  surveySchema(schema, keywords, formats)
  const validate = compiled(checker, schema)
  return (value) => {
    if (validate(value)) return undefined
    const [error] = validate.errors ?? []
    validate.errors = null
    return error === undefined ? { path: undefined, reason: 'does not fit the schema' } : firstDefect(error)
  }
}

function compiled(checker: Ajv, schema: object): ValidateFunction {
  checkBySchemaOfSchemas(checker, schema)
  try {
    return checker.compile(schema)
  } catch (cause) {
    throw invalidPlan(cause instanceof Error ? cause.message : String(cause), cause)
  } finally {
    checker.removeSchema(schema)
  }
}

/** The checker does the same, but with one text for all errors. */
function checkBySchemaOfSchemas(checker: Ajv, schema: object): void {
  if (checker.validateSchema(schema) === true) return
  const [error] = checker.errors ?? []
  checker.errors = null
  if (error !== undefined) throw invalidPlan(`#${error.instancePath}: ${expectationOf(error)}`)
}
