import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { ActorHistory } from './actor-history.ts'

@Controller('v1/actors')
@Requires('read')
export class ActorsController {
  constructor(@Inject(ActorHistory) private readonly histories: ActorHistory) {}

  /** The same for an actor with whose type or id no path can end, such as `..`: programs that read addresses remove such parts. */
  @Get()
  named(@Query() query: unknown) {
    return this.histories.named(query)
  }

  @Get(':type/:id')
  history(@Param('type') type: string, @Param('id') id: string, @Query() query: unknown) {
    return this.histories.of(type, id, query)
  }
}
