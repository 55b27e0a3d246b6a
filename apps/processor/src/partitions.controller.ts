import { Controller, Inject, UseFilters } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { OwnedPartition } from '#event-log'
import { ACTIVITY, EventLogContext } from '../../nest/src/event-log-strategy.ts'
import { RethrowFilter } from '../../nest/src/rethrow.filter.ts'
import { Folds } from './folds.ts'

/** Gets each partition that the group assigns, and runs it. */
@Controller()
@UseFilters(RethrowFilter)
export class PartitionsController {
  constructor(@Inject(Folds) private readonly folds: Folds) {}

  @EventPattern<string>(ACTIVITY)
  fold(@Payload() owned: unknown, @Ctx() context: EventLogContext) {
    return this.folds.run(owned as OwnedPartition, context.signal)
  }
}
