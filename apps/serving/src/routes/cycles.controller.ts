import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { cycleDefinitionSchema, type ErrorCode, type Key } from '#contracts'
import { RequestKey, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { accountingAnswer } from '../accounting/accounting.ts'
import { flowsAnswer, flowsQuery } from '../cycles/hourly-flows.ts'
import { remarksAnswer } from '../cycles/remark-list.ts'
import { membersAnswer, membersQuery } from '../cycles/stage-members.ts'
import { cyclesAnswer, stagesAnswer } from '../cycles/stage-table.ts'
import { ServedCycles } from '../served/served-cycles.ts'

const refusals: readonly ErrorCode[] = ['RONDO_NOT_FOUND', ...READ_REFUSALS]

/** The routes of the cycles. */
@Controller('v1/cycles')
@Requires('read')
export class CyclesController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  @Get()
  @Describes({ summary: 'The cycles that the key shows', answer: cyclesAnswer, refusals: READ_REFUSALS })
  async cycles(@RequestKey() key: Key | undefined) {
    return { items: await Promise.all(this.served.shownTo(key).map(({ table }) => table.cycle())) }
  }

  @Get(':cycle/definition')
  @Describes({ summary: 'The cycle definition as data', answer: cycleDefinitionSchema, refusals })
  definition(@Param('cycle') cycle: string, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).definition
  }

  @Get(':cycle/remarks')
  @Describes({ summary: 'What should be checked in the events', answer: remarksAnswer, refusals })
  remarks(@Param('cycle') cycle: string, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).remarks.all()
  }

  @Get(':cycle/stages')
  @Describes({ summary: 'How many actors are in each stage', answer: stagesAnswer, refusals })
  stages(@Param('cycle') cycle: string, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).table.stages()
  }

  @Get(':cycle/stages/:stage/actors')
  @Describes({ summary: 'The actors in a stage, the first to enter first', query: membersQuery, answer: membersAnswer, refusals })
  actors(@Param('cycle') cycle: string, @Param('stage') stage: string, @Query() query: unknown, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).members.of(stage, query)
  }

  @Get(':cycle/flows')
  @Describes({ summary: 'The transitions in effect, by hour', query: flowsQuery, answer: flowsAnswer, refusals })
  flows(@Param('cycle') cycle: string, @Query() query: unknown, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).flows.within(query)
  }

  @Get(':cycle/accounting')
  @Describes({ summary: 'Whether the numbers of the cycle add up', answer: accountingAnswer, refusals })
  accounting(@Param('cycle') cycle: string, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).accounting.answer()
  }
}
