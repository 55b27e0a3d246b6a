import { Controller, Get, Inject, UseFilters } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { FeedRecord } from '#event-log'
import { Requires } from '../../nest/src/access/requires.ts'
import { EventLogContext, TRANSITIONS } from '../../nest/src/event-log-strategy.ts'
import { RethrowFilter } from '../../nest/src/rethrow.filter.ts'
import { FeedTally } from './feed-tally.ts'

@Controller('v1/followed')
@Requires('read')
export class FeedController {
  constructor(@Inject(FeedTally) private readonly tally: FeedTally) {}

  @EventPattern<string>(TRANSITIONS)
  @UseFilters(RethrowFilter)
  follow(@Payload() page: unknown, @Ctx() context: EventLogContext): void {
    this.tally.take(context.partition, page as readonly FeedRecord[])
  }

  @Get()
  followed() {
    return { partitions: this.tally.partitions }
  }
}
