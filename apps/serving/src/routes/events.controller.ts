import { Controller, Get, Inject, Query } from '@nestjs/common'
import { z } from 'zod'
import type { Key } from '#contracts'
import { RequestKey, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { cycleParameter, readQuery } from '../answers/query.ts'
import { eventNamesAnswer } from '../events/event-names-answer.ts'
import { ServedCycles } from '../served/served-cycles.ts'

const eventsQuery = z.strictObject({ cycle: cycleParameter })

/** `GET /v1/event-names`: the names of events that are stored. */
@Controller('v1/event-names')
@Requires('read')
export class EventsController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  @Get()
  @Describes({
    summary: 'The names of stored events, beside signals and contracts',
    query: eventsQuery,
    answer: eventNamesAnswer,
    refusals: ['RONDO_NOT_FOUND', ...READ_REFUSALS],
  })
  all(@Query() query: unknown, @RequestKey() key: Key | undefined) {
    readQuery(eventsQuery, query)
    return this.served.asked({ query, key }).events.all()
  }
}
