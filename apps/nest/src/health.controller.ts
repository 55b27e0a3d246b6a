import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { Readiness } from '#process'
import { Requires } from './access/requires.ts'

export const READINESS = Symbol('readiness')
export const DETAILS = Symbol('details')

interface Reply {
  status(status: number): unknown
}

/** For probes: `live` means that the process answers, `ready` that it can do its work. For people and commands: the app's own details. */
@Controller('v1/health')
@Requires('none')
export class HealthController {
  constructor(
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(DETAILS) private readonly details: () => object,
  ) {}

  @Get()
  health() {
    return { status: 'ok', ...this.details() }
  }

  @Get('live')
  live() {
    return { status: 'ok' }
  }

  @Get('ready')
  ready(@Res({ passthrough: true }) reply: Reply) {
    const reason = this.readiness()
    if (reason === undefined) return { status: 'ok' }
    reply.status(503)
    return { status: 'unready', reason }
  }
}
