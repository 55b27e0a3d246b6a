import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { z } from 'zod'
import { REQUIREMENT, type Requirement } from '../access/requires.ts'
import { DESCRIPTION, type RouteDescription } from '../openapi/describes.ts'
import { readQuery } from './query.ts'

const NONE = z.strictObject({})

/** The part of Fastify's request that is used here. */
interface Request {
  readonly url: string
  readonly query: unknown
}

/**
 * Refuses parameters of routes that read none, so that a misspelt filter is not taken for one that has found everything. Left out are routes that
 * clients send events to, because SDKs add parameters of their own, and probes, metrics and the page, because monitors and browsers do.
 */
@Injectable()
export class NoQuery implements NestInterceptor {
  constructor(@Inject(Reflector) private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    const places = [context.getHandler(), context.getClass()]
    const requirement = this.reflector.getAllAndOverride<Requirement | undefined>(REQUIREMENT, places)
    const description = this.reflector.get<RouteDescription | undefined>(DESCRIPTION, context.getHandler())
    const isStrict = requirement?.role === 'read' || requirement?.role === 'admin'
    if (context.getType() !== 'http' || !isStrict || description?.query !== undefined) return next.handle()
    const { url, query } = context.switchToHttp().getRequest<Request>()
    if (url.startsWith('/v1/')) readQuery(NONE, query)
    return next.handle()
  }
}
