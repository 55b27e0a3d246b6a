import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import { RondoError } from '#contracts'

/** How a body without a value is written. */
const EMPTY = /^\s*(\{\s*\})?\s*$/

/**
 * Refuses a body where a request is made with its path and query alone, so that what the body asks for is not ignored without a word. `{}` asks for nothing.
 * @param advice where such a request says what it wants
 * @throws RondoError RONDO_ARGUMENT_INVALID
 */
export function refuseBody(body: unknown, advice: string): void {
  const isEmpty = body === undefined || body === null || (body instanceof Uint8Array && EMPTY.test(Buffer.from(body).toString('latin1')))
  if (!isEmpty) throw new RondoError('RONDO_ARGUMENT_INVALID', `This request takes no body: leave it out. ${advice}`)
}

/** The body of a request to a route that reads none. Unlike @Body() it is no part of the description of the route. */
export const UnreadBody = createParamDecorator((_: unknown, context: ExecutionContext): unknown => context.switchToHttp().getRequest().body)
