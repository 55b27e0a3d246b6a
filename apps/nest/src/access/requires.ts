import { createParamDecorator, SetMetadata } from '@nestjs/common'
import type { Key, KeyRole } from '#contracts'

/** Finds the key that stands in the body of a request, as its dialect puts it there. */
export type BodyKey = (request: { readonly body: unknown; readonly query: Readonly<Record<string, unknown>> }) => unknown

/** What a route asks of a request. */
export interface Requirement {
  /** The key that is needed; none for a probe. */
  readonly role: KeyRole | 'none'
  readonly bodyKey?: BodyKey
}

export const REQUIREMENT = 'rondo:requirement'

/** Which key a route, or each route of a controller, needs. A route that does not say is closed to all. */
export function Requires(role: KeyRole | 'none', bodyKey?: BodyKey): MethodDecorator & ClassDecorator {
  return SetMetadata(REQUIREMENT, { role, ...(bodyKey === undefined ? {} : { bodyKey }) } satisfies Requirement)
}

/** A request that the guard has admitted. */
export interface AdmittedRequest {
  rondoKey?: Key | undefined
}

/** The key that a request was admitted with; undefined where it has none and needs none. */
export const RequestKey = createParamDecorator((_: unknown, context): Key | undefined => context.switchToHttp().getRequest<AdmittedRequest>().rondoKey)
