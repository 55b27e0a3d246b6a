import { Controller, Get, Inject, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { RefusedRecords } from './refused-records.ts'

@Controller('v1')
@Requires('read')
export class RefusedController {
  constructor(@Inject(RefusedRecords) private readonly records: RefusedRecords) {}

  @Get('quarantine')
  quarantine(@Query() query: unknown) {
    return this.records.quarantine(query)
  }

  @Get('late')
  late(@Query() query: unknown) {
    return this.records.late(query)
  }
}
