import { RequestMethod } from '@nestjs/common'
import { type KeyRole, RondoError } from '#contracts'
import { REQUIREMENT, type Requirement } from '../access/requires.ts'
import { DESCRIPTION, type RouteDescription } from './describes.ts'

/** A controller of Nest, or any other class. */
export type Controller = (abstract new (...args: never[]) => object) & { readonly prototype: object }

/** One path of a route, with what the decorators of its handler say. */
export interface Route {
  /** The class and the method, such as `KeysController.create`. */
  readonly handler: string
  /** GET, POST … */
  readonly method: string
  /** As Fastify has it: `/v1/keys/:id`. */
  readonly path: string
  readonly status: number
  /** Undefined if nobody may call the route. */
  readonly role: KeyRole | 'none' | undefined
  readonly hasBodyKey: boolean
  /** Whether the handler reads the query, the body. */
  readonly reads: { readonly query: boolean; readonly body: boolean }
  readonly description: RouteDescription | undefined
}

const POST_STATUS = 201
/** The numbers by which Nest marks parameters of a handler. */
const ARGUMENTS = { body: 3, query: 4 }

const metadata = (name: string, target: object): unknown => Reflect.getMetadata(name, target)
const pathsOf = (target: object): readonly string[] => [metadata('path', target) as string | string[]].flat()

function joined(base: string, path: string): string {
  const parts = `${base}/${path}`.split('/').filter((part) => part !== '')
  return `/${parts.join('/')}`
}

/** The routes of a controller; none if the class is no controller. A handler with several paths has as many routes. */
export function routesOf(controller: Controller): Route[] {
  if (metadata('path', controller) === undefined) return []
  const handlers = Object.getOwnPropertyNames(controller.prototype).filter((name) => name !== 'constructor')
  return handlers.flatMap((name) => routesOfHandler(controller, name))
}

function routesOfHandler(controller: Controller, name: string): Route[] {
  const handler = (controller.prototype as Readonly<Record<string, object>>)[name] as object
  const number = metadata('method', handler) as RequestMethod | undefined
  if (number === undefined) return []
  const method = RequestMethod[number]
  if (method === undefined) throw new RondoError('RONDO_INTERNAL', `${controller.name}.${name} has a method that HTTP does not have.`)
  const requirement = (metadata(REQUIREMENT, handler) ?? metadata(REQUIREMENT, controller)) as Requirement | undefined
  const given = Object.keys((Reflect.getMetadata('__routeArguments__', controller, name) as object | undefined) ?? {})
  const has = (kind: number): boolean => given.some((key) => key.startsWith(`${kind}:`))
  const route = {
    handler: `${controller.name}.${name}`,
    method,
    status: (metadata('__httpCode__', handler) as number | undefined) ?? (method === 'POST' ? POST_STATUS : 200),
    role: requirement?.role,
    hasBodyKey: requirement?.bodyKey !== undefined,
    reads: { query: has(ARGUMENTS.query), body: has(ARGUMENTS.body) },
    description: metadata(DESCRIPTION, handler) as RouteDescription | undefined,
  }
  return pathsOf(controller).flatMap((base) => pathsOf(handler).map((path) => ({ ...route, path: joined(base, path) })))
}
