import { Controller, Get, Inject } from '@nestjs/common'
import { formatInstant, type Instant } from '#contracts'
import { ActivityLog, type FoldTimes } from '#event-log'
import { Requires } from '../../nest/src/access/requires.ts'

/** How far the fold is. */
export const FOLDED = Symbol('folded')

@Controller('v1/health')
@Requires('none')
export class HealthController {
  constructor(
    @Inject(ActivityLog) private readonly log: ActivityLog,
    @Inject(FOLDED) private readonly folded: () => Pick<FoldTimes, 'logTime'> | undefined,
  ) {}

  /** `logTime` is that of the fold, as in every answer with numbers; `logEndTime` is its value when the whole log has been folded. */
  @Get()
  health() {
    const { logTime, backfill, held } = this.log.state
    const times = { logTime: textOf(this.folded()?.logTime), logEndTime: textOf(logTime) }
    return { status: 'ok', ...times, importing: backfill !== null, heldBytes: held?.bytes ?? 0 }
  }
}

function textOf(time: Instant | null | undefined): string | null {
  return time === null || time === undefined || !Number.isFinite(time) ? null : formatInstant(time)
}
