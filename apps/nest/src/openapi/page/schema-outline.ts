import { alternativesOf, type JsonSchema, oneRequiredOf, type Resolve } from './json-schema.ts'
import type { Group, Layout, Part } from './layout.ts'

/** Deeper values are shown as `…`; the OpenAPI document has them. */
const DEPTH_MAX = 6
/** Numbers up to this are what a number of JSON can hold exactly, so no reader has to know it. */
const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number

/** A schema as people read it: names and types of its values, with their descriptions. */
export class SchemaOutline {
  readonly #resolve: Resolve

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  of(schema: JsonSchema): Layout {
    return this.#of(schema, 0, new Set())
  }

  #of(schema: JsonSchema, depth: number, inside: ReadonlySet<string>): Layout {
    const { $ref } = schema
    if ($ref !== undefined) return inside.has($ref) ? '…' : this.#of(this.#resolve($ref), depth, new Set([...inside, $ref]))
    if (schema.const !== undefined || schema.enum !== undefined) return typeText(schema)
    const forms = alternativesOf(schema)
    if (forms.length > 0) return this.#oneOf(forms, depth, inside)
    if (schema.properties !== undefined) return depth > DEPTH_MAX ? '{ … }' : this.#object(schema, depth, inside)
    if (schema.items !== undefined) return withClose(group('[', ']', [{ label: '', value: this.#of(schema.items, depth + 1, inside) }]), nullOf(schema))
    if (typeof schema.additionalProperties === 'object') return this.#record(schema.additionalProperties, depth, inside)
    return typeText(schema)
  }

  /** `null` beside one form stands behind it. */
  #oneOf(forms: readonly JsonSchema[], depth: number, inside: ReadonlySet<string>): Layout {
    const others = forms.filter(({ type }) => type !== 'null')
    const layouts = others.map((form) => this.#of(form, depth, inside))
    const end = others.length < forms.length ? ' | null' : ''
    const [only] = layouts
    if (only !== undefined && layouts.length === 1) return typeof only === 'string' ? `${only}${end}` : withClose(only, end)
    const texts = layouts.filter((layout) => typeof layout === 'string')
    if (texts.length === layouts.length) return `${[...new Set(texts)].join(' | ')}${end}`
    return { open: 'one of (', close: `)${end}`, separator: ' | ', end: '', parts: layouts.map((value) => ({ label: '| ', value })) }
  }

  #object(schema: JsonSchema, depth: number, inside: ReadonlySet<string>): Layout {
    const { properties = {}, required = [], type = 'object' } = schema
    const one = oneRequiredOf(schema)
    const parts = Object.entries(properties).map(
      ([name, schema]): Part => ({
        label: `${name}${required.includes(name) ? '' : '?'}: `,
        value: this.#of(schema, depth + 1, inside),
        note: noteOf(schema),
      }),
    )
    return parts.length === 0 ? '{ … }' : withClose(group('{', '}', parts), `${one.length === 0 ? '' : ` with ${one.join(' or ')}`}${nullOf({ type })}`)
  }

  #record(values: JsonSchema, depth: number, inside: ReadonlySet<string>): Layout {
    const value = depth > DEPTH_MAX ? '…' : this.#of(values, depth + 1, inside)
    return group('{', '}', [{ label: '[name]: ', value }])
  }
}

const group = (open: string, close: string, parts: readonly Part[]): Group => ({ open, close, separator: ', ', end: '', parts })
const withClose = (layout: Group, end: string): Group => ({ ...layout, close: `${layout.close}${end}` })

/** A long list says nothing to people. */
const VALUES_MAX = 15
function valuesText(values: readonly unknown[]): string {
  const shown = values.length > VALUES_MAX ? values.slice(0, 3) : values
  const text = shown.map((value) => JSON.stringify(value)).join(' | ')
  return shown.length === values.length ? text : `${text} | … (${values.length} values)`
}

const typesOf = ({ type }: JsonSchema): readonly string[] => (type === undefined ? [] : [type].flat())
const nullOf = (schema: JsonSchema): string => (typesOf(schema).includes('null') ? ' | null' : '')
const isTime = ({ format }: JsonSchema): boolean => format === 'date-time'

/** The description of a time is the same for all, so it stands at the head of the page. */
function noteOf(schema: JsonSchema): string | undefined {
  return isTime(schema) || schema.description === undefined ? undefined : schema.description.replaceAll(/\s+/g, ' ')
}

/** The type of a value that has no parts, with its range or default. */
export function typeText(schema: JsonSchema): string {
  const values = schema.const === undefined ? schema.enum : [schema.const]
  const text = values === undefined ? plainType(schema) : valuesText(values)
  return schema.default === undefined ? text : `${text}, ${JSON.stringify(schema.default)} unless given`
}

function plainType(schema: JsonSchema): string {
  const types = typesOf(schema).map((type) => (isTime(schema) && type === 'string' ? 'time' : type))
  return types.length === 0 ? 'any value' : `${types.join(' | ')}${rangeText(schema)}`
}

function rangeText({ minimum = Number.NEGATIVE_INFINITY, exclusiveMinimum, maximum = Number.POSITIVE_INFINITY }: JsonSchema): string {
  const above = exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`
  const from = above === '' && minimum > MIN_SAFE_INTEGER ? `from ${minimum}` : above
  const to = maximum < MAX_SAFE_INTEGER ? `to ${maximum}` : ''
  const words = [from, to].filter((word) => word !== '')
  return words.length === 0 ? '' : ` ${words.join(' ')}`
}
