import { Controller, Get, Inject, Res } from '@nestjs/common'
import { z } from 'zod'
import type { Readiness } from '#process'
import { Requires } from './access/requires.ts'
import { Describes } from './openapi/describes.ts'

/** The name under which Nest injects the readiness of the app. */
export const READINESS = Symbol('readiness')
/** The name under which Nest injects the function for the details of the probe. */
export const DETAILS = Symbol('details')
/** The name under which Nest injects the note that a ready app shows. */
export const NOTE = Symbol('note')

/** The part of Fastify's reply that is used here. */
interface Reply {
  status(status: number): unknown
}

const ok = z.strictObject({ status: z.literal('ok') })
const unready = z.strictObject({ status: z.literal('unready'), reason: z.string() })

/** For probes: `live` means that the process answers, `ready` that it can do its work. For people and commands: the app's own details. */
@Controller('v1/health')
@Requires('none')
export class HealthController {
  constructor(
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(DETAILS) private readonly details: () => object,
    @Inject(NOTE) private readonly note: Readiness,
  ) {}

  @Get()
  @Describes({ summary: 'The status of the app, with its own details', answer: ok.loose() })
  health() {
    return { status: 'ok', ...this.details() }
  }

  @Get('live')
  @Describes({ summary: 'Whether the process runs', answer: ok })
  live() {
    return { status: 'ok' }
  }

  @Get('ready')
  @Describes({ summary: 'Whether the app can do its work', answer: ok, others: { 503: unready } })
  ready(@Res({ passthrough: true }) reply: Reply) {
    const reason = this.readiness()
    if (reason === undefined) return { status: 'ok', note: this.note() }
    reply.status(503)
    return { status: 'unready', reason }
  }
}
