import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common'
import type { ErrorCode } from '#contracts'
import { type AdmittedRequest, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { answerIn, type FormatReply, type FormatRequest, listContent, listOthers as others } from '../answers/answer-format.ts'
import type { AskedHistory } from '../questions/asked-history.ts'
import { countsAnswer, countsIn, countsQuery } from '../questions/period-counts.ts'
import { ServedCycles } from '../served/served-cycles.ts'

const refusals: readonly ErrorCode[] = ['RONDO_NOT_FOUND', 'RONDO_HISTORY_UNAVAILABLE', ...READ_REFUSALS]
type Request = FormatRequest & AdmittedRequest

/** Questions about ranges of time, which history answers. */
@Controller('v1/cycles')
@Requires('read')
export class QuestionsController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  @Get(':cycle/counts')
  @Describes({ summary: 'Entries, exits and actors of each stage by period', query: countsQuery, answer: listContent(countsAnswer), others, refusals })
  counts(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, countsIn(this.#asked(cycle, request), query))
  }

  #asked(cycle: string, { rondoKey }: Request): AskedHistory {
    return this.served.named(cycle, rondoKey).asked
  }
}
