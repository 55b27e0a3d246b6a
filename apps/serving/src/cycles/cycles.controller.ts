import { Controller, Get, Inject, Param } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { RemarkList } from './remark-list.ts'
import { StageTable } from './stage-table.ts'

@Controller('v1/cycles')
@Requires('read')
export class CyclesController {
  constructor(
    @Inject(StageTable) private readonly table: StageTable,
    @Inject(RemarkList) private readonly remarkList: RemarkList,
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
}
