import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common'
import type { ErrorCode } from '#contracts'
import { type AdmittedRequest, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { answerIn, type FormatReply, type FormatRequest, listContent, listOthers as others } from '../answers/answer-format.ts'
import { returnsAnswer, returnsIn, returnsQuery } from '../questions/absence-returns.ts'
import type { AskedHistory } from '../questions/asked-history.ts'
import { retentionAnswer, retentionIn, retentionQuery } from '../questions/cohort-retention.ts'
import { activityAnswer, activityIn, activityQuery } from '../questions/daily-activity.ts'
import { lifecycleAnswer, lifecycleIn, lifecycleQuery } from '../questions/period-lifecycle.ts'
import { dwellAnswer, dwellIn, dwellQuery } from '../questions/stage-dwell.ts'
import { survivalAnswer, survivalIn, survivalQuery, survivalRows } from '../questions/stage-survival.ts'
import { ServedCycles } from '../served/served-cycles.ts'

const refusals: readonly ErrorCode[] = ['RONDO_NOT_FOUND', 'RONDO_HISTORY_UNAVAILABLE', ...READ_REFUSALS]
type Request = FormatRequest & AdmittedRequest

/** Questions about how long something lasts, and about who comes and comes again. */
@Controller('v1/cycles')
@Requires('read')
export class StatisticsController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  @Get(':cycle/dwell')
  @Describes({ summary: 'How long actors stay in each stage', query: dwellQuery, answer: listContent(dwellAnswer), others, refusals })
  dwell(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, dwellIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/survival')
  @Describes({ summary: 'When actors leave a stage or get into another one', query: survivalQuery, answer: listContent(survivalAnswer), others, refusals })
  survival(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, survivalIn(this.#asked(cycle, request), query), survivalRows)
  }

  @Get(':cycle/returns')
  @Describes({ summary: 'How long actors that left are away, by cause', query: returnsQuery, answer: listContent(returnsAnswer), others, refusals })
  returns(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, returnsIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/lifecycle')
  @Describes({
    summary: 'New, returning, resurrecting and dormant actors by period',
    query: lifecycleQuery,
    answer: listContent(lifecycleAnswer),
    others,
    refusals,
  })
  lifecycle(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, lifecycleIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/activity')
  @Describes({ summary: 'Active actors by day, week and month', query: activityQuery, answer: listContent(activityAnswer), others, refusals })
  activity(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, activityIn(this.#asked(cycle, request), query))
  }

  @Get(':cycle/retention')
  @Describes({ summary: 'How many of each cohort come again', query: retentionQuery, answer: listContent(retentionAnswer), others, refusals })
  retention(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, retentionIn(this.#asked(cycle, request), query))
  }

  #asked(cycle: string, { rondoKey }: Request): AskedHistory {
    return this.served.named(cycle, rondoKey).asked
  }
}
