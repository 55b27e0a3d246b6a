import { Controller, Inject, UseFilters } from '@nestjs/common'
import { Ctx, EventPattern, Payload } from '@nestjs/microservices'
import type { OwnedPartition } from '#event-log'
import { ACTIVITY, EventLogContext } from '../../nest/src/event-log-strategy.ts'
import { RethrowFilter } from '../../nest/src/rethrow.filter.ts'
import { CycleFolds } from './cycle-folds.ts'

/** Gets each partition that the group assigns, for each cycle, and runs it. */
@Controller()
@UseFilters(RethrowFilter)
export class PartitionsController {
  constructor(@Inject(CycleFolds) private readonly folds: CycleFolds) {}

  @EventPattern<string>(ACTIVITY)
  fold(@Payload() owned: unknown, @Ctx() context: EventLogContext) {
    return this.folds.run(owned as OwnedPartition, context.signal)
  }
}
