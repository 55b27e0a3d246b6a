import { z } from 'zod'

/** JSON Schema, or another part of an OpenAPI document. */
export type Json = Readonly<Record<string, unknown>>

const HOME = '#/components/schemas/'

/** A value in a query is text, which its schema reads as another type; the meta `wire` has the schema of that type. */
function asOnWire({ zodSchema, jsonSchema }: { readonly zodSchema: z.core.$ZodTypes; readonly jsonSchema: Record<string, unknown> }): void {
  // Lost by zod where a value is transformed.
  const { def } = zodSchema._zod
  if (def.type === 'default') jsonSchema['default'] = def.defaultValue
  const { wire } = (z.globalRegistry.get(zodSchema) ?? {}) as { readonly wire?: Json }
  if (wire === undefined) return
  for (const key of Object.keys(jsonSchema)) if (key !== 'description' && key !== 'default') delete jsonSchema[key]
  Object.assign(jsonSchema, wire)
}

/** The schemas of a document, each written once under its name. Those of bodies and queries describe what is sent, others what is answered. */
export class SchemaComponents {
  readonly #named = { input: new Map<z.ZodType, string>(), output: new Map<z.ZodType, string>() }

  /** A reference to a schema. @param name used if the schema has no name yet */
  refer(schema: z.ZodType, name: string, io: 'input' | 'output'): Json {
    const known = this.#named[io].get(schema)
    if (known === undefined) this.#named[io].set(schema, name)
    return { $ref: `${HOME}${known ?? name}` }
  }

  /** All schemas by their names. */
  all(): Json {
    return { ...this.#written('input'), ...this.#written('output') }
  }

  #written(io: 'input' | 'output'): Json {
    const entries = [...this.#named[io]].flatMap(([schema, name]) => {
      const { $schema, ...json } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', override: asOnWire })
      return [[name, located(json, name)] as const]
    })
    return Object.fromEntries(entries)
  }
}

/** In a document references begin at its root, not at the schema. */
function located(schema: Json, name: string): Json {
  const text = JSON.stringify(schema, (key, value) => (key === '$ref' && typeof value === 'string' ? value.replace(/^#/, `${HOME}${name}`) : value))
  return JSON.parse(text) as Json
}

/** The JSON Schema of each parameter of a query, by its name. */
export function parametersOf(query: z.ZodObject): { readonly name: string; readonly required: boolean; readonly schema: Json }[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', target: 'draft-2020-12', override: asOnWire })
  return Object.entries(properties).map(([name, schema]) => ({ name, required: required.includes(name), schema: schema as Json }))
}
