import { Controller, Get, Inject } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { EventList } from './event-list.ts'
import { eventNamesAnswer } from './event-names-answer.ts'

/** `GET /v1/event-names`: the names of events that are stored. */
@Controller('v1/event-names')
@Requires('read')
export class EventsController {
  constructor(@Inject(EventList) private readonly list: EventList) {}

  @Get()
  @Describes({ summary: 'The names of stored events, beside signals and contracts', answer: eventNamesAnswer, refusals: READ_REFUSALS })
  all() {
    return this.list.all()
  }
}
