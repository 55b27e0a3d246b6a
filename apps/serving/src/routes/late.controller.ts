import { Controller, Get, Inject, Query } from '@nestjs/common'
import type { Key } from '#contracts'
import { RequestKey, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { lateAnswer, lateQuery } from '../late/late-records.ts'
import { ServedCycles } from '../served/served-cycles.ts'

const refusals = ['RONDO_NOT_FOUND', ...READ_REFUSALS] as const

/** The route of late events. */
@Controller('v1/late')
@Requires('read')
export class LateController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  @Get()
  @Describes({ summary: 'Events that came too late to be applied, the oldest first', query: lateQuery, answer: lateAnswer, refusals })
  page(@Query() query: unknown, @RequestKey() key: Key | undefined) {
    return this.served.asked({ query, key }).late.page(query)
  }
}
