import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import type { ErrorCode } from '#contracts'
import { statusOf } from '../problem.filter.ts'
import type { Content } from './describes.ts'
import { BODY_REFUSALS, KEY_REFUSALS, LAYER_REFUSALS } from './general-refusals.ts'
import type { Route } from './routes.ts'
import { type Json, parametersOf, SchemaComponents } from './schema-components.ts'

const JSON_TYPE = 'application/json'

const securitySchemes = {
  basic: { type: 'http', scheme: 'basic', description: 'The key as the user name, the password empty: so SDKs send their write key.' },
  bearer: { type: 'http', scheme: 'bearer', description: 'The key as the token.' },
  header: { type: 'apiKey', in: 'header', name: 'X-Write-Key' },
}
const security = Object.keys(securitySchemes).map((name) => ({ [name]: [] }))

const roleTexts: Readonly<Record<string, string>> = {
  none: 'Needs no key.',
  write: 'Needs a write or admin key, where keys are required.',
  read: 'Needs a read or admin key, where keys are required.',
  admin: 'Needs an admin key, where keys are required.',
}
const BODY_KEY_TEXT = 'The key may also be in the body.'

/** The app that an OpenAPI document describes. */
export interface DocumentOptions {
  readonly routes: readonly Route[]
  readonly version: string
  /** Whether the app checks keys. */
  readonly hasKeys: boolean
}

/** The OpenAPI 3.1 document of the routes of an app. */
export function openApiDocument({ routes, version, hasKeys }: DocumentOptions): Json {
  const components = new SchemaComponents()
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: new Operation(route, components, hasKeys).write() }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Rondo', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: { schemas: components.all(), ...(hasKeys ? { securitySchemes } : {}) },
  }
}

/** One operation of a document. */
class Operation {
  readonly #route: Route
  readonly #components: SchemaComponents
  readonly #hasKeys: boolean
  readonly #name: string

  constructor(route: Route, components: SchemaComponents, hasKeys: boolean) {
    this.#route = route
    this.#components = components
    this.#hasKeys = hasKeys && route.role !== 'none'
    this.#name = route.handler.replace('Controller.', '.')
  }

  write(): Json {
    const { description: { summary = this.#route.handler, body } = {}, role = 'nobody', hasBodyKey, path, method } = this.#route
    const content = body === undefined ? {} : { requestBody: { required: true, content: this.#content(body, 'body', 'input') } }
    const text = [roleTexts[role] ?? 'Nobody may call it.', ...(hasBodyKey ? [BODY_KEY_TEXT] : [])].join(' ')
    return {
      operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-zA-Z0-9]+/g, '_')}`,
      summary,
      tags: [this.#name.replace(/\..*/, '')],
      'x-rondo-role': role,
      ...(this.#hasKeys ? { description: text, security } : {}),
      parameters: this.#parameters(),
      ...content,
      responses: this.#answers(),
    }
  }

  #parameters(): Json[] {
    const { path, description } = this.#route
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
    const inPath = names.map((name) => {
      const schema = description?.params?.[name]
      const { $schema, ...json } = schema === undefined ? TEXT : z.toJSONSchema(schema, { io: 'input' })
      return { name, in: 'path', required: true, schema: json }
    })
    const inQuery = description?.query === undefined ? [] : parametersOf(description.query).map((parameter) => ({ ...parameter, in: 'query' }))
    return [...inPath, ...inQuery]
  }

  #answers(): Json {
    const { status, description } = this.#route
    const others = Object.entries(description?.others ?? {}).map(([code, schema]) => [code, this.#other(code, schema)] as const)
    const answer = { description: titleOf(status), content: this.#content(description?.answer ?? z.unknown(), 'answer', 'output') }
    return { [status]: answer, ...this.#refusals(), ...Object.fromEntries(others) }
  }

  #other(code: string, schema: z.ZodType | null): Json {
    const description = titleOf(Number(code))
    return schema === null ? { description } : { description, content: this.#content(schema, `answer${code}`, 'output') }
  }

  #refusals(): Json {
    const { method, description } = this.#route
    const hasBody = method !== 'GET'
    const codes = [...LAYER_REFUSALS, ...(this.#hasKeys ? KEY_REFUSALS : []), ...(hasBody ? BODY_REFUSALS : []), ...(description?.refusals ?? [])]
    const byStatus = Map.groupBy(new Set(codes), statusOf)
    const answers = [...byStatus].map(([status, its]) => [status, problemAnswer(status, its)] as const)
    // An unknown expectation has the code of unclear requests, but its own status.
    return Object.fromEntries([...answers, [417, problemAnswer(417, ['RONDO_REQUEST_INVALID'])]])
  }

  #content(content: Content, part: string, io: 'input' | 'output'): Json {
    const byType = content instanceof z.ZodType ? { [JSON_TYPE]: content } : content
    const named = Object.entries(byType).map(([type, schema], at) => {
      const name = `${this.#name}.${part}${at === 0 ? '' : at + 1}`
      return [type, { schema: this.#components.refer(schema, name, io) }] as const
    })
    return Object.fromEntries(named)
  }
}

/** An id that a path can hold. */
const TEXT: Json = { type: 'string', minLength: 1, maxLength: 256 }

const titleOf = (status: number): string => STATUS_CODES[status] ?? String(status)

/** The headers that go with the problem documents of a status. */
const headers: Readonly<Record<number, Json>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' }, required: true } },
  415: { 'Accept-Encoding': { schema: { type: 'string' }, required: true } },
  429: { 'Retry-After': { schema: { type: 'integer', minimum: 1 }, required: true } },
  503: { 'Retry-After': { schema: { type: 'integer', minimum: 1 }, required: true } },
}

/** A problem document (RFC 9457) with one of these codes. */
function problemAnswer(status: number, codes: readonly ErrorCode[]): Json {
  const text = { type: 'string' }
  const properties = { type: text, title: text, status: { const: status }, detail: text, code: { enum: codes }, message: text, requestId: text }
  const schema = { type: 'object', properties: { ...properties, path: text }, required: Object.keys(properties), additionalProperties: false }
  return { description: titleOf(status), ...(headers[status] ? { headers: headers[status] } : {}), content: { 'application/problem+json': { schema } } }
}
