import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { ActorHistory, historyAnswer, historyQuery, namedQuery } from './actor-history.ts'

const refusals = ['RONDO_NOT_FOUND', ...READ_REFUSALS] as const

/** The routes of one actor. */
@Controller('v1/actors')
@Requires('read')
export class ActorsController {
  constructor(@Inject(ActorHistory) private readonly histories: ActorHistory) {}

  /** The same for an actor with whose type or id no path can end, such as `..`: programs that read addresses remove such parts. */
  @Get()
  @Describes({ summary: 'The stage and the history of an actor that no path can name', query: namedQuery, answer: historyAnswer, refusals })
  named(@Query() query: unknown) {
    return this.histories.named(query)
  }

  @Get(':type/:id')
  @Describes({ summary: 'The stage and the history of an actor', query: historyQuery, answer: historyAnswer, refusals })
  history(@Param('type') type: string, @Param('id') id: string, @Query() query: unknown) {
    return this.histories.pageOf(type, id, query)
  }
}
