import { Controller, type DynamicModule, Get, Inject, Module, Res } from '@nestjs/common'
import type { Readiness } from '#process'
import { Requires } from './access/requires.ts'

const READINESS = Symbol('readiness')

interface Reply {
  status(status: number): unknown
}

/** For probes: `live` means that the process answers, `ready` that it can do its work. */
@Controller('v1/health')
@Requires('none')
class HealthController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

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

@Module({})
class HealthModule {}

export function healthModule(readiness: Readiness): DynamicModule {
  return { module: HealthModule, controllers: [HealthController], providers: [{ provide: READINESS, useValue: readiness }] }
}
