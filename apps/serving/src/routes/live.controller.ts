import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common'
import { z } from 'zod'
import { KeyLife } from '../../../nest/src/access/key-life.ts'
import { type AdmittedRequest, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { liveQuery } from '../live/live-query.ts'
import { ServedCycles } from '../served/served-cycles.ts'

/** The parts of Fastify's request that are used here. */
interface LiveRequest extends AdmittedRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}
/** The part of Fastify's reply that is used here. */
interface LiveReply {
  header(name: string, value: string): unknown
}

const EVENT_STREAM = 'text/event-stream'
const answer = {
  [EVENT_STREAM]: z
    .string()
    .meta({ description: 'server-sent events: counts, output, freshness, slow and reset, each with JSON as its data (docs/reference/read-answers.md)' }),
}

/** The route of live streams. */
@Controller('v1/cycles')
@Requires('read')
export class LiveController {
  constructor(
    @Inject(ServedCycles) private readonly served: ServedCycles,
    @Inject(KeyLife) private readonly keyLife: KeyLife,
  ) {}

  @Get(':cycle/live')
  @Describes({
    summary: 'Counts and outputs as they change: server-sent events, without an end',
    query: liveQuery,
    answer,
    refusals: ['RONDO_NOT_FOUND', 'RONDO_OVERLOADED', ...READ_REFUSALS],
  })
  async stream(@Param('cycle') name: string, @Query() query: unknown, @Req() request: LiveRequest, @Res({ passthrough: true }) reply: LiveReply) {
    const { rondoKey: key, method, headers } = request
    const { live } = this.served.named(name, key)
    const lastEventId = headers['last-event-id']
    reply.header('content-type', `${EVENT_STREAM}; charset=utf-8`)
    // A proxy must not wait for more before it passes an event on.
    reply.header('x-accel-buffering', 'no')
    // Or the end of the process would wait for the next request of this connection.
    reply.header('connection', 'close')
    if (method === 'HEAD') return ''
    return live.open(query, { lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined, isAllowed: () => this.keyLife.isValid(key) })
  }
}
