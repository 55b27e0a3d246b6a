import { Controller, Get, Inject, Param, Query } from '@nestjs/common'
import type { Key } from '#contracts'
import { RequestKey, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { historyAnswer, historyQuery, namedQuery } from '../actors/actor-history.ts'
import { ServedCycles } from '../served/served-cycles.ts'

const refusals = ['RONDO_NOT_FOUND', ...READ_REFUSALS] as const

/** The routes of one actor. */
@Controller('v1/actors')
@Requires('read')
export class ActorsController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  /** The same for an actor with whose type or id no path can end, such as `..`: programs that read addresses remove such parts. */
  @Get()
  @Describes({ summary: 'The stage and the history of an actor that no path can name', query: namedQuery, answer: historyAnswer, refusals })
  named(@Query() query: Readonly<Record<string, unknown>>, @RequestKey() key: Key | undefined) {
    const { type } = query
    return this.served.asked({ query, key, actorType: typeof type === 'string' ? type : undefined }).histories.named(query)
  }

  @Get(':type/:id')
  @Describes({ summary: 'The stage and the history of an actor', query: historyQuery, answer: historyAnswer, refusals })
  history(@Param() { type, id }: { type: string; id: string }, @Query() query: unknown, @RequestKey() key: Key | undefined) {
    return this.served.asked({ query, key, actorType: type }).histories.pageOf(type, id, query)
  }
}
