import { Controller, Get, Inject } from '@nestjs/common'
import { formatInstant } from '#contracts'
import { ActivityLog } from '#event-log'

@Controller('v1/health')
export class HealthController {
  constructor(@Inject(ActivityLog) private readonly log: ActivityLog) {}

  @Get()
  health() {
    const { logTime, backfill, held } = this.log.state
    return { status: 'ok', logTime: logTime === null ? null : formatInstant(logTime), importing: backfill !== null, heldBytes: held?.bytes ?? 0 }
  }
}
