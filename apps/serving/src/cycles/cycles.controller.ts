import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { cycleDefinitionSchema, type ErrorCode } from '#contracts'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { flowsAnswer, flowsQuery, HourlyFlows } from './hourly-flows.ts'
import { RemarkList, remarksAnswer } from './remark-list.ts'
import { membersAnswer, membersQuery, StageMembers } from './stage-members.ts'
import { cyclesAnswer, StageTable, stagesAnswer } from './stage-table.ts'

const refusals: readonly ErrorCode[] = ['RONDO_NOT_FOUND', ...READ_REFUSALS]

/** The routes of a cycle. */
@Controller('v1/cycles')
@Requires('read')
export class CyclesController {
  constructor(
    @Inject(StageTable) private readonly table: StageTable,
    @Inject(RemarkList) private readonly remarkList: RemarkList,
    @Inject(StageMembers) private readonly members: StageMembers,
    @Inject(HourlyFlows) private readonly hourlyFlows: HourlyFlows,
  ) {}

  @Get()
  @Describes({ summary: 'The served cycle', answer: cyclesAnswer })
  cycles() {
    return this.table.cycles()
  }

  @Get(':cycle/definition')
  @Describes({ summary: 'The cycle definition as data', answer: cycleDefinitionSchema, refusals })
  definition(@Param('cycle') cycle: string) {
    return this.table.definition(cycle)
  }

  @Get(':cycle/remarks')
  @Describes({ summary: 'What should be checked in the events', answer: remarksAnswer, refusals })
  remarks(@Param('cycle') cycle: string) {
    return this.remarkList.remarksOf(cycle)
  }

  @Get(':cycle/stages')
  @Describes({ summary: 'How many actors are in each stage', answer: stagesAnswer, refusals })
  stages(@Param('cycle') cycle: string) {
    return this.table.stages(cycle)
  }

  @Get(':cycle/stages/:stage/actors')
  @Describes({ summary: 'The actors in a stage, the first to enter first', query: membersQuery, answer: membersAnswer, refusals })
  actors(@Param('cycle') cycle: string, @Param('stage') stage: string, @Query() query: unknown) {
    return this.members.membersOf(cycle, stage, query)
  }

  @Get(':cycle/flows')
  @Describes({ summary: 'The transitions in effect, by hour', query: flowsQuery, answer: flowsAnswer, refusals })
  flows(@Param('cycle') cycle: string, @Query() query: unknown) {
    return this.hourlyFlows.flowsOf(cycle, query)
  }
}
