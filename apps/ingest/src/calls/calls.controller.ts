import type { IncomingHttpHeaders } from 'node:http'
import { Body, Controller, Headers, HttpCode, Inject, Post, Query, Req } from '@nestjs/common'
import type { Key } from '#contracts'
import { type CallType, posthogKeyOf, segmentCallNames, segmentKeyOf } from '#sources'
import { type BodyKey, RequestKey, Requires } from '../../../nest/src/access/requires.ts'
import { jsonBody } from '../../../nest/src/http/json-body.ts'
import { captureBody } from '../bodies/capture-body.ts'
import { Calls } from './calls.ts'

const segmentKey: BodyKey = ({ body }) => segmentKeyOf(jsonBody(body))
const posthogKey: BodyKey = async ({ body, query: { compression } }) =>
  posthogKeyOf(await captureBody(body, typeof compression === 'string' ? compression : undefined))

/** The part of Fastify's request that is used here: the path of the route. */
interface RoutedRequest {
  readonly routeOptions: { readonly url?: string | undefined }
}

/** The type of the call that the last part of the path names. Each path of the route ends with one of the names. */
const typeOf = ({ routeOptions: { url = '' } }: RoutedRequest): CallType => segmentCallNames.get(url.slice(url.lastIndexOf('/') + 1)) as CallType

/**
 * The paths that clients of the three dialects send to (test/fixtures/clients): SDKs of Segment and what follows it, PostHog, CloudEvents.
 * The answer is exactly 200; after another success code some clients send everything again. There is no redirect, which they would follow with a GET.
 */
@Controller()
export class CallsController {
  constructor(@Inject(Calls) private readonly calls: Calls) {}

  @Post(['v1/batch', 'v1/b', 'v1/import', 'api/public/apps/batch'])
  @HttpCode(200)
  @Requires('write', segmentKey)
  batch(@Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.batch(body, key)
  }

  @Post(['batch', 'capture', 'e', 'i/v0/e'])
  @HttpCode(200)
  @Requires('write', posthogKey)
  captures(@Query('compression') compression: string | undefined, @Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.captures(body, compression, key)
  }

  @Post(['v1/cloudevents', 'ce'])
  @HttpCode(200)
  @Requires('write')
  cloudEvents(@Headers() headers: IncomingHttpHeaders, @Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.cloudEvents(headers, body, key)
  }

  @Post(['v1', 'api/s', 'api/s/s2s', 'api/public/apps'].flatMap((base) => [...segmentCallNames.keys()].map((name) => `${base}/${name}`)))
  @HttpCode(200)
  @Requires('write', segmentKey)
  call(@Req() request: RoutedRequest, @Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.one(typeOf(request), body, key)
  }
}
