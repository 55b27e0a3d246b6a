import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { answerPage, type PageReply, type PageRequest } from './feed-answer.ts'
import { feedAnswer, feedQuery, TransitionFeed } from './transition-feed.ts'

/** The routes of the feed. */
@Controller('v1/transitions')
@Requires('read')
export class TransitionsController {
  constructor(@Inject(TransitionFeed) private readonly feed: TransitionFeed) {}

  @Get()
  @Describes({ summary: 'The feed of outputs, the oldest first', query: feedQuery, answer: feedAnswer, refusals: READ_REFUSALS })
  list(@Query() query: unknown, @Req() request: PageRequest, @Res({ passthrough: true }) reply: PageReply) {
    return answerPage(request, reply, (unwanted) => this.feed.page(query, unwanted))
  }
}
