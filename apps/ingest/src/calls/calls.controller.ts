import type { IncomingHttpHeaders } from 'node:http'
import { Body, Controller, Headers, HttpCode, Inject, Post, Query, Req } from '@nestjs/common'
import { z } from 'zod'
import type { Key } from '#contracts'
import { type CallType, posthogKeyOf, segmentCallNames, segmentKeyOf } from '#sources'
import { type BodyKey, RequestKey, Requires } from '../../../nest/src/access/requires.ts'
import { jsonBody } from '../../../nest/src/http/json-body.ts'
import { Describes, WRITE_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { captureBody } from '../bodies/capture-body.ts'
import { batchBody, callBody, callsAnswer, capturesAnswer, capturesBody, cloudEventsBody, trackBody } from './call-bodies.ts'
import { Calls } from './calls.ts'

/** What an event may be refused for, beside the body as a whole. A batch is answered with 200, and lists these. */
const EVENT_REFUSALS = ['RONDO_EVENT_INVALID', 'RONDO_EVENT_FROM_FUTURE', 'RONDO_EVENT_TOO_LARGE', ...WRITE_REFUSALS] as const
const capturesQuery = z.looseObject({ compression: z.string().optional() })

const segmentKey: BodyKey = ({ body }) => segmentKeyOf(jsonBody(body))
const posthogKey: BodyKey = async ({ body, query: { compression } }) =>
  posthogKeyOf(await captureBody(body, typeof compression === 'string' ? compression : undefined))

/** The part of Fastify's request that is used here: the path of the route. */
interface RoutedRequest {
  readonly routeOptions: { readonly url?: string | undefined }
}

/** The paths of single calls. The last part of each names the type. */
const callPaths = ['v1', 'api/s', 'api/s/s2s', 'api/public/apps'].flatMap((base) => [...segmentCallNames.keys()].map((name) => `${base}/${name}`))
const typeOf = (path: string): CallType => segmentCallNames.get(path.slice(path.lastIndexOf('/') + 1)) as CallType
const isTrack = (path: string): boolean => typeOf(path) === 'track'

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
  @Describes({ summary: 'A batch of calls, as SDKs of Segment send it', body: batchBody, answer: callsAnswer, refusals: WRITE_REFUSALS })
  batch(@Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.batch(body, key)
  }

  @Post(['batch', 'capture', 'e', 'i/v0/e'])
  @HttpCode(200)
  @Requires('write', posthogKey)
  @Describes({ summary: 'Captures of a PostHog client', query: capturesQuery, body: capturesBody, answer: capturesAnswer, refusals: EVENT_REFUSALS })
  captures(@Query('compression') compression: string | undefined, @Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.captures(body, compression, key)
  }

  @Post(['v1/cloudevents', 'ce'])
  @HttpCode(200)
  @Requires('write')
  @Describes({ summary: 'CloudEvents 1.0, in any of their modes', body: cloudEventsBody, answer: callsAnswer, refusals: EVENT_REFUSALS })
  cloudEvents(@Headers() headers: IncomingHttpHeaders, @Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.cloudEvents(headers, body, key)
  }

  @Post(callPaths.filter(isTrack))
  @HttpCode(200)
  @Requires('write', segmentKey)
  @Describes({ summary: 'One track call', body: trackBody, answer: callsAnswer, refusals: EVENT_REFUSALS })
  track(@Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.one('track', body, key)
  }

  @Post(callPaths.filter((path) => !isTrack(path)))
  @HttpCode(200)
  @Requires('write', segmentKey)
  @Describes({ summary: 'One call of another type, which the path names', body: callBody, answer: callsAnswer, refusals: EVENT_REFUSALS })
  call(@Req() request: RoutedRequest, @Body() body: unknown, @RequestKey() key: Key | undefined) {
    return this.calls.one(typeOf(request.routeOptions.url ?? ''), body, key)
  }
}
