import { Controller, Get, Inject, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS as refusals } from '../../../nest/src/openapi/describes.ts'
import { LateRecords, lateAnswer, lateQuery } from './late-records.ts'

/** The route of late events. */
@Controller('v1/late')
@Requires('read')
export class LateController {
  constructor(@Inject(LateRecords) private readonly records: LateRecords) {}

  @Get()
  @Describes({ summary: 'Events that came too late to be applied, the oldest first', query: lateQuery, answer: lateAnswer, refusals })
  page(@Query() query: unknown) {
    return this.records.page(query)
  }
}
