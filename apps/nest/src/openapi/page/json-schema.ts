/** The parts of a JSON Schema (2020-12) that the schemas of an OpenAPI document have. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly description?: string
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  readonly items?: JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
}

/** Finds a part of a document by its reference, such as `#/components/schemas/Cycles.stages.answer`. */
export type Resolve = (reference: string) => JsonSchema

/** References of a document. @param document the root */
export function resolverOf(document: object): Resolve {
  return (reference) => {
    const names = reference
      .split('/')
      .slice(1)
      .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))
    return names.reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>>)[name], document) as JsonSchema
  }
}

/** The forms that a value may have, if there are several; empty if there is one. */
export const alternativesOf = ({ anyOf, oneOf, properties }: JsonSchema): readonly JsonSchema[] => (properties === undefined ? (anyOf ?? oneOf ?? []) : [])

/** Names of which an object must have one, beside those that it must have. */
export const oneRequiredOf = ({ anyOf, properties }: JsonSchema): readonly string[] =>
  properties === undefined ? [] : (anyOf ?? []).flatMap(({ required = [] }) => required)
