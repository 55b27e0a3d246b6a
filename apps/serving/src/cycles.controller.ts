import { Controller, Get, Inject, Param } from '@nestjs/common'
import { StageTable } from './stage-table.ts'

@Controller('v1/cycles')
export class CyclesController {
  constructor(@Inject(StageTable) private readonly table: StageTable) {}

  @Get()
  cycles() {
    return this.table.cycles()
  }

  @Get(':cycle/definition')
  definition(@Param('cycle') cycle: string) {
    return this.table.definition(cycle)
  }

  @Get(':cycle/stages')
  stages(@Param('cycle') cycle: string) {
    return this.table.stages(cycle)
  }
}
