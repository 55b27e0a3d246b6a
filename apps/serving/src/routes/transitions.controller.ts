import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common'
import { type AdmittedRequest, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { answerPage, type PageReply, type PageRequest } from '../feed/feed-answer.ts'
import { feedAnswer, feedQuery } from '../feed/transition-feed.ts'
import { ServedCycles } from '../served/served-cycles.ts'

/** The routes of the feed. */
@Controller('v1/transitions')
@Requires('read')
export class TransitionsController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  @Get()
  @Describes({ summary: 'The feed of outputs, the oldest first', query: feedQuery, answer: feedAnswer, refusals: ['RONDO_NOT_FOUND', ...READ_REFUSALS] })
  list(@Query() query: unknown, @Req() request: PageRequest & AdmittedRequest, @Res({ passthrough: true }) reply: PageReply) {
    const { feed } = this.served.asked({ query, key: request.rondoKey })
    return answerPage(request, reply, (unwanted) => feed.page(query, unwanted))
  }
}
