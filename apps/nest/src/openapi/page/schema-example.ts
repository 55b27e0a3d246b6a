import { alternativesOf, type JsonSchema, oneRequiredOf, type Resolve } from './json-schema.ts'
import { fits, known, leafExample } from './leaf-example.ts'

/** A branch that is deeper than this has its least value: schemas may name themselves. */
const DEPTH_MAX = 8

/** Values that follow a schema: the same for the same schema. */
export class SchemaExample {
  readonly #resolve: Resolve

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  /** @param name of the value, which chooses among those that the schema allows */
  of(schema: JsonSchema, name = ''): unknown {
    return this.#of(schema, name, 0)
  }

  #of(schema: JsonSchema, name: string, depth: number): unknown {
    if (schema.$ref !== undefined) return this.#of(this.#resolve(schema.$ref), name, depth + 1)
    const given = givenIn(schema)
    if (given !== undefined) return given
    const forms = alternativesOf(schema)
    if (forms.length > 0) return this.#of(this.#chosen(forms, name, depth), name, depth)
    if (schema.properties !== undefined) return this.#object(schema, depth)
    if (schema.items !== undefined) return this.#list(schema.items, schema.minItems, { name, depth })
    return typeof schema.additionalProperties === 'object' ? this.#record(schema, depth) : leafExample(schema, name)
  }

  #list(items: JsonSchema, minItems = 0, { name, depth }: { readonly name: string; readonly depth: number }): unknown[] {
    return depth > DEPTH_MAX && minItems === 0 ? [] : [this.#of(items, name, depth + 1)]
  }

  /** The first form with a value, or a form without branches where it is deep. */
  #chosen(forms: readonly JsonSchema[], name: string, depth: number): JsonSchema {
    const valued = forms.filter(({ type }) => type !== 'null')
    const flat =
      depth > DEPTH_MAX ? forms.find(({ properties, items, $ref }) => properties === undefined && items === undefined && $ref === undefined) : undefined
    const fitting = valued.find((form) => name in known && fits(form, known[name]))
    return flat ?? fitting ?? valued[0] ?? {}
  }

  #object(schema: JsonSchema, depth: number): object {
    const { properties = {}, required: always = [] } = schema
    const required = [...always, ...oneRequiredOf(schema).slice(0, 1)]
    const names = required.length === 0 && depth === 0 ? Object.keys(properties).slice(0, 2) : required
    return Object.fromEntries(names.map((name) => [name, this.#of(properties[name] ?? {}, name, depth + 1)]))
  }

  #record({ propertyNames = { type: 'string' }, additionalProperties }: JsonSchema, depth: number): object {
    const name = propertyNames.enum?.[0] ?? leafExample(propertyNames, 'stage')
    return { [String(name)]: this.#of(additionalProperties as JsonSchema, '', depth + 1) }
  }
}

/** The value that the schema itself names. */
function givenIn({ const: only, examples = [], default: unless, enum: values = [] }: JsonSchema): unknown {
  return [only, examples[0], unless, values[0]].find((value) => value !== undefined)
}
