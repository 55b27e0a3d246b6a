import type { IncomingHttpHeaders } from 'node:http'
import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { Calls } from './calls.ts'

/**
 * The paths that clients of the three dialects send to (test/fixtures/clients): SDKs of Segment and what follows it, PostHog, CloudEvents.
 * Exactly 200, or some clients send everything again; never a redirect, which they follow with a GET.
 */
@Controller()
export class CallsController {
  constructor(@Inject(Calls) private readonly calls: Calls) {}

  @Post(['v1/batch', 'v1/b', 'v1/import', 'api/public/apps/batch'])
  @HttpCode(200)
  batch(@Body() body: unknown) {
    return this.calls.batch(body)
  }

  @Post(['batch', 'capture', 'e', 'i/v0/e'])
  @HttpCode(200)
  captures(@Query('compression') compression: string | undefined, @Body() body: unknown) {
    return this.calls.captures(body, compression)
  }

  @Post(['v1/cloudevents', 'ce'])
  @HttpCode(200)
  cloudEvents(@Headers() headers: IncomingHttpHeaders, @Body() body: unknown) {
    return this.calls.cloudEvents(headers, body)
  }

  @Post(['v1/:call', 'api/s/:call', 'api/s/s2s/:call', 'api/public/apps/:call'])
  @HttpCode(200)
  call(@Param('call') call: string, @Body() body: unknown) {
    return this.calls.one(call, body)
  }
}
