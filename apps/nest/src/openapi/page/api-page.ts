import { STATUS_CODES } from 'node:http'
import { BODY_REFUSALS, KEY_REFUSALS, LAYER_REFUSALS, SHUT_OUT_REFUSALS } from '../general-refusals.ts'
import { type JsonSchema, resolverOf } from './json-schema.ts'
import { jsonText } from './json-text.ts'
import { written } from './layout.ts'
import { SchemaExample } from './schema-example.ts'
import { SchemaOutline, typeText } from './schema-outline.ts'

interface Media {
  readonly schema: JsonSchema
}
interface Answer {
  readonly description: string
  readonly content?: Readonly<Record<string, Media>>
}
interface OperationParameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly schema: JsonSchema
}
/** The parts of an operation of an OpenAPI document that a page shows. */
interface Operation {
  readonly summary: string
  readonly tags: readonly string[]
  readonly operationId: string
  readonly description?: string
  readonly 'x-rondo-role': string
  readonly parameters: readonly OperationParameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<Record<string, Answer>>
}
/** An OpenAPI document, as {@link openApiDocument} makes it. */
interface Document {
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Something that a route takes. */
export interface ShownParameter {
  readonly name: string
  readonly place: string
  readonly isRequired: boolean
  readonly type: string
  readonly note: string
}
/** A body, in one media type. */
export interface ShownBody {
  readonly type: string
  readonly outline: string
}
/** An answer that is no refusal. */
interface ShownAnswer {
  readonly status: string
  readonly bodies: readonly ShownBody[]
}
/** A route as people read it. */
export interface ShownRoute {
  readonly method: string
  readonly path: string
  /** Other paths that do the same. */
  readonly others: readonly string[]
  readonly summary: string
  readonly role: string
  readonly parameters: readonly ShownParameter[]
  readonly bodies: readonly ShownBody[]
  readonly answers: readonly ShownAnswer[]
  /** What it may refuse beside what all routes refuse: `RONDO_NOT_FOUND` by status. */
  readonly refusals: readonly { readonly status: string; readonly codes: readonly string[] }[]
  readonly request: string
  /** An answer as JSON; undefined if it is none. */
  readonly answer: string | undefined
}
/** The routes of one controller. */
export interface ShownSection {
  readonly name: string
  readonly routes: readonly ShownRoute[]
}

/** What many routes refuse, said once. */
export const generalRefusals = [
  { who: 'every route', codes: LAYER_REFUSALS },
  { who: 'every route that needs a key', codes: KEY_REFUSALS },
  { who: 'every method but GET', codes: BODY_REFUSALS },
  { who: 'routes that need Kafka or Redis', codes: SHUT_OUT_REFUSALS },
] as const
const generalCodes: ReadonlySet<string> = new Set(generalRefusals.flatMap(({ codes }) => [...codes]))

/** The sections of a page about a document, by the names of the controllers. Paths that do the same are one route. */
export function shownSections(document: object): ShownSection[] {
  const { paths } = document as Document
  const reader = new RouteReader(document)
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  const same = Map.groupBy(operations, ({ method, operation: { operationId: _, ...rest } }) => `${method} ${JSON.stringify(rest)}`)
  const routes = [...same.values()].flatMap((group) => {
    const [first, ...others] = group.sort(byLength)
    return first === undefined
      ? []
      : [
          {
            section: first.operation.tags[0] ?? '',
            route: reader.read(
              first,
              others.map(({ path }) => path),
            ),
          },
        ]
  })
  const sections = [...Map.groupBy(routes, ({ section }) => section)].map(([name, its]) => ({ name, routes: its.map(({ route }) => route) }))
  return sections.sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface PathOperation {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}
/** The usual path of several stands below /v1; a long name says more than a letter. */
const byLength = (a: PathOperation, b: PathOperation): number =>
  Number(b.path.startsWith('/v1/')) - Number(a.path.startsWith('/v1/')) || b.path.length - a.path.length || (a.path < b.path ? -1 : 1)

/** Reads the routes of one document. */
class RouteReader {
  readonly #outline: SchemaOutline
  readonly #example: SchemaExample

  constructor(document: object) {
    const resolve = resolverOf(document)
    this.#outline = new SchemaOutline(resolve)
    this.#example = new SchemaExample(resolve)
  }

  read({ path, method, operation }: PathOperation, others: readonly string[]): ShownRoute {
    const { summary, 'x-rondo-role': role, parameters, requestBody, responses } = operation
    const answers = Object.entries(responses).filter(([, { content = {} }]) => !('application/problem+json' in content))
    const [, first] = answers.find(([status]) => status.startsWith('2')) ?? []
    const json = first?.content?.['application/json']
    return {
      method: method.toUpperCase(),
      path,
      others: [...others].sort(),
      summary,
      role,
      parameters: parameters.map(shownParameter),
      bodies: this.#bodies(requestBody?.content),
      answers: answers.map(([status, { content }]) => ({ status: `${status} ${STATUS_CODES[status] ?? ''}`.trim(), bodies: this.#bodies(content) })),
      refusals: refusalsOf(responses),
      request: this.#request(path, method, operation),
      answer: json === undefined ? undefined : jsonText(this.#example.of(json.schema)),
    }
  }

  #bodies(content: Readonly<Record<string, Media>> = {}): ShownBody[] {
    return Object.entries(content).map(([type, { schema }]) => ({ type, outline: written(this.#outline.of(schema)) }))
  }

  #request(path: string, method: string, { parameters, requestBody, 'x-rondo-role': role }: Operation): string {
    const textOf = ({ name, schema }: OperationParameter): string => encodeURIComponent(String(this.#example.of(schema, name)))
    const inPath = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const parameter = parameters.find((each) => each.in === 'path' && each.name === name)
      return parameter === undefined ? name : textOf(parameter)
    })
    const query = parameters.filter((each) => each.in === 'query' && each.required).map((each) => `${each.name}=${textOf(each)}`)
    const url = `https://rondo.example${inPath}${query.length === 0 ? '' : `?${query.join('&')}`}`
    const [body] = Object.entries(requestBody?.content ?? {})
    const parts = [
      'curl',
      ...(method === 'get' ? [] : [`-X ${method.toUpperCase()}`]),
      ...(role === 'none' ? [] : ['-H "Authorization: Bearer $KEY"']),
      ...(body === undefined ? [] : [`-H 'Content-Type: ${body[0]}'`, this.#bodyText(body[1].schema)]),
      `'${url}'`,
    ]
    return parts.join(' ')
  }

  #bodyText(schema: JsonSchema): string {
    const example = this.#example.of(schema)
    return typeof example === 'object' && example !== null ? `-d '${JSON.stringify(example)}'` : '--data-binary @FILE'
  }
}

function shownParameter({ name, in: place, required, schema }: OperationParameter): ShownParameter {
  return { name, place, isRequired: required, type: typeText(schema), note: schema.description ?? '' }
}

function refusalsOf(responses: Readonly<Record<string, Answer>>): ShownRoute['refusals'] {
  return Object.entries(responses).flatMap(([status, { content }]) => {
    const problem = content?.['application/problem+json']?.schema.properties?.['code']?.enum ?? []
    const codes = problem.map(String).filter((code) => !generalCodes.has(code))
    return codes.length === 0 ? [] : [{ status, codes }]
  })
}
