import { Controller, Get, Inject, UseFilters } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import { z } from 'zod'
import type { FeedRecord } from '#event-log'
import { Requires } from '../../nest/src/access/requires.ts'
import { EventLogContext, TRANSITIONS } from '../../nest/src/event-log-strategy.ts'
import { Describes } from '../../nest/src/openapi/describes.ts'
import { RethrowFilter } from '../../nest/src/rethrow.filter.ts'
import { FeedTally } from './feed-tally.ts'

const count = z.int().nonnegative()
const partitionSchema = z.strictObject({ cycle: z.string(), partition: count, cursor: count, outputs: count, kinds: z.record(z.string(), count) })
const followedAnswer = z.strictObject({ partitions: z.array(partitionSchema) })

/** The route that shows how far the feed was followed. */
@Controller('v1/followed')
@Requires('read')
export class FeedController {
  constructor(@Inject(FeedTally) private readonly tally: FeedTally) {}

  @EventPattern<string>(TRANSITIONS)
  @UseFilters(RethrowFilter)
  follow(@Payload() page: unknown, @Ctx() context: EventLogContext): void {
    this.tally.countPage(context.partition, page as readonly FeedRecord[])
  }

  @Get()
  @Describes({ summary: 'The outputs that were counted, by cycle and partition', answer: followedAnswer })
  followed(): z.infer<typeof followedAnswer> {
    return { partitions: this.tally.partitions }
  }
}
