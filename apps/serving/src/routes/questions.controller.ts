import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common'
import type { ErrorCode } from '#contracts'
import { type AdmittedRequest, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { answerIn, type FormatReply, type FormatRequest, listContent, listOthers as others } from '../answers/answer-format.ts'
import type { AskedHistory } from '../questions/asked-history.ts'
import { countsAnswer, countsIn, countsQuery } from '../questions/period-counts.ts'
import { movementsAnswer, movementsIn, movementsQuery } from '../questions/period-flows.ts'
import { atRiskAnswer, atRiskIn, atRiskQuery } from '../questions/risk-list.ts'
import { breakdownIn, breakdownsAnswer, breakdownsQuery } from '../questions/trait-breakdown.ts'
import { leftIn, leftQuery, transitionsAnswer, transitionsIn, transitionsQuery } from '../questions/transition-list.ts'
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

  @Get(':cycle/movements')
  @Describes({
    summary: 'In which stages actors were at the begin and at the end of each period',
    query: movementsQuery,
    answer: listContent(movementsAnswer),
    others,
    refusals,
  })
  movements(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, movementsIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/transitions')
  @Describes({
    summary: 'The transitions in effect, those noticed last first',
    query: transitionsQuery,
    answer: listContent(transitionsAnswer),
    others,
    refusals,
  })
  transitions(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, transitionsIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/left')
  @Describes({ summary: 'Who left last, and why', query: leftQuery, answer: listContent(transitionsAnswer), others, refusals })
  left(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, leftIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/at-risk')
  @Describes({
    summary: 'Who will leave unless they come back, those noticed last first',
    query: atRiskQuery,
    answer: listContent(atRiskAnswer),
    others,
    refusals,
  })
  atRisk(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, atRiskIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/breakdowns')
  @Describes({ summary: 'The stages by the values of a trait', query: breakdownsQuery, answer: listContent(breakdownsAnswer), others, refusals })
  breakdowns(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, breakdownIn(this.#asked(cycle, request), query))
  }

  #asked(cycle: string, { rondoKey }: Request): AskedHistory {
    return this.served.named(cycle, rondoKey).asked
  }
}
