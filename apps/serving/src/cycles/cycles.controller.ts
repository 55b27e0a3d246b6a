import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { HourlyFlows } from './hourly-flows.ts'
import { RemarkList } from './remark-list.ts'
import { StageMembers } from './stage-members.ts'
import { StageTable } from './stage-table.ts'

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
  cycles() {
    return this.table.cycles()
  }

  @Get(':cycle/definition')
  definition(@Param('cycle') cycle: string) {
    return this.table.definition(cycle)
  }

  @Get(':cycle/remarks')
  remarks(@Param('cycle') cycle: string) {
    return this.remarkList.of(cycle)
  }

  @Get(':cycle/stages')
  stages(@Param('cycle') cycle: string) {
    return this.table.stages(cycle)
  }

  @Get(':cycle/stages/:stage/actors')
  actors(@Param('cycle') cycle: string, @Param('stage') stage: string, @Query() query: unknown) {
    return this.members.of(cycle, stage, query)
  }

  @Get(':cycle/flows')
  flows(@Param('cycle') cycle: string, @Query() query: unknown) {
    return this.hourlyFlows.of(cycle, query)
  }
}
