import { createParamDecorator, SetMetadata } from '@nestjs/common'
import type { Key, KeyRole } from '#contracts'

/** Finds the key in the body of a request, in the form of its dialect. */
export type BodyKey = (request: { readonly body: unknown; readonly query: Readonly<Record<string, unknown>> }) => unknown

/** The key that a route needs, and where it may be. */
export interface Requirement {
  /** The role of the key; `none` for a probe. */
  readonly role: KeyRole | 'none'
  readonly bodyKey?: BodyKey
}

/** The key of the metadata in which a route has the role that it requires. */
export const REQUIREMENT = 'rondo:requirement'

/** Which key a route, or each route of a controller, needs. A route without a requirement is closed to all. */
export function Requires(role: KeyRole | 'none', bodyKey?: BodyKey): MethodDecorator & ClassDecorator {
  return SetMetadata(REQUIREMENT, { role, ...(bodyKey === undefined ? {} : { bodyKey }) } satisfies Requirement)
}

/** A request that the guard has admitted. */
export interface AdmittedRequest {
  rondoKey?: Key | undefined
}

/** The key that a request was admitted with; undefined if it has no key and needs none. */
export const RequestKey = createParamDecorator((_: unknown, context): Key | undefined => context.switchToHttp().getRequest<AdmittedRequest>().rondoKey)
