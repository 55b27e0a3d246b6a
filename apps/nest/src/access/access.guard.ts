import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { type Gate, keyTextOf, signedLinkOf } from '#access'
import { RondoError } from '#contracts'
import { type AdmittedRequest, REQUIREMENT, type Requirement } from './requires.ts'

/** The part of Fastify's request that is used here. */
interface Request extends AdmittedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Record<string, unknown>
  readonly method: string
  /** The path and the query, as they were sent. */
  readonly url: string
}

/** What the guard of an app decides with. */
export interface Access {
  readonly gate: Gate
  /** The cycles that this process shows now; undefined if it shows none. */
  readonly cycles?: (() => readonly string[]) | undefined
}

/** The name under which Nest injects {@link Access}. */
export const ACCESS = Symbol('access')

const headerOf = ({ headers }: Request, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Admits a request if its key has the role that the route needs. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(ACCESS) private readonly access: Access,
    @Inject(Reflector) private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true
    const requirement = this.reflector.getAllAndOverride<Requirement | undefined>(REQUIREMENT, [context.getHandler(), context.getClass()])
    if (requirement === undefined) throw new RondoError('RONDO_KEY_SCOPE', 'No key opens this path: its route does not name the role that it needs.')
    if (requirement.role === 'none') return true
    const request = context.switchToHttp().getRequest<Request>()
    const bearer = await bearerOf(request, requirement)
    const link = linkOf(request, requirement)
    const { gate, cycles } = this.access
    const asker = { bearer, link, origin: headerOf(request, 'origin'), host: headerOf(request, 'host') }
    request.rondoKey = gate.admit(asker, { role: requirement.role, cycles: requirement.role === 'read' ? cyclesOf(request, cycles?.()) : undefined })
    // No handler knows it, and each refuses parameters that it does not know.
    if (link !== undefined) delete request.query['link']
    return true
  }
}

/** The signed link of a request that reads. */
const linkOf = ({ method, url }: Request, { role }: Requirement) => (method === 'GET' && role === 'read' ? signedLinkOf(url) : undefined)

/** The cycle that a request is about, if its path or its query names one; otherwise it is about any of them. */
function cyclesOf({ params, query }: Request, shown: readonly string[] | undefined): readonly string[] | undefined {
  const named = shown?.find((cycle) => cycle === (params['cycle'] ?? query['cycle']))
  return named === undefined ? shown : [named]
}

/** The body is searched only if the headers have no key. */
async function bearerOf(request: Request, { bodyKey }: Requirement) {
  const headers = { authorization: headerOf(request, 'authorization'), writeKey: headerOf(request, 'x-write-key') }
  if (bodyKey === undefined || keyTextOf(headers) !== undefined) return headers
  return { ...headers, bodyKey: await keyInBody(request, bodyKey) }
}

/** An unreadable body has no key; its defects are reported only to clients that may send. */
async function keyInBody(request: Request, bodyKey: NonNullable<Requirement['bodyKey']>): Promise<unknown> {
  try {
    return await bodyKey(request)
  } catch (error) {
    if (error instanceof RondoError) return undefined
    throw error
  }
}
