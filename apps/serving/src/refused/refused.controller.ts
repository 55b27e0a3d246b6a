import { Controller, Get, Inject, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS as refusals } from '../../../nest/src/openapi/describes.ts'
import { lateAnswer, lateQuery, quarantineAnswer, quarantineQuery, RefusedRecords } from './refused-records.ts'

@Controller('v1')
@Requires('read')
export class RefusedController {
  constructor(@Inject(RefusedRecords) private readonly records: RefusedRecords) {}

  @Get('quarantine')
  @Describes({ summary: 'Refused events with the reason, the oldest first', query: quarantineQuery, answer: quarantineAnswer, refusals })
  quarantine(@Query() query: unknown) {
    return this.records.quarantine(query)
  }

  @Get('late')
  @Describes({ summary: 'Events that came too late to be applied, the oldest first', query: lateQuery, answer: lateAnswer, refusals })
  late(@Query() query: unknown) {
    return this.records.late(query)
  }
}
