import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common'
import { cycleDefinitionSchema, type ErrorCode, type Key } from '#contracts'
import { type AdmittedRequest, RequestKey, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { accountingAnswer } from '../accounting/accounting.ts'
import { answerIn, type FormatReply, type FormatRequest, listContent, listOthers as others } from '../answers/answer-format.ts'
import { remarksAnswer } from '../cycles/remark-list.ts'
import { membersAnswer, membersQuery } from '../cycles/stage-members.ts'
import { cyclesAnswer, stagesAnswer, stagesQuery } from '../cycles/stage-table.ts'
import { anyFlowsAnswer, anyFlowsQuery, flowsIn } from '../questions/period-flows.ts'
import { membersIn, stagesIn } from '../questions/standing-actors.ts'
import type { ServedCycle } from '../served/served-cycle.ts'
import { ServedCycles } from '../served/served-cycles.ts'

const refusals: readonly ErrorCode[] = ['RONDO_NOT_FOUND', ...READ_REFUSALS]
/** Of questions that may be about another moment than now. */
const asked: readonly ErrorCode[] = [...refusals, 'RONDO_HISTORY_UNAVAILABLE']
type Request = FormatRequest & AdmittedRequest

/** The routes of the cycles. */
@Controller('v1/cycles')
@Requires('read')
export class CyclesController {
  constructor(@Inject(ServedCycles) private readonly served: ServedCycles) {}

  @Get()
  @Describes({ summary: 'The cycles that the key shows', answer: cyclesAnswer, refusals: READ_REFUSALS })
  async cycles(@RequestKey() key: Key | undefined) {
    return { items: await Promise.all(this.served.shownTo(key).map(({ table }) => table.cycle())) }
  }

  @Get(':cycle/definition')
  @Describes({ summary: 'The cycle definition as data', answer: cycleDefinitionSchema, refusals })
  definition(@Param('cycle') cycle: string, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).definition
  }

  @Get(':cycle/remarks')
  @Describes({ summary: 'What should be checked in the events', answer: remarksAnswer, refusals })
  remarks(@Param('cycle') cycle: string, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).remarks.all()
  }

  @Get(':cycle/stages')
  @Describes({ summary: 'How many actors are in each stage, now or then', query: stagesQuery, answer: listContent(stagesAnswer), others, refusals: asked })
  stages(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, stagesIn(this.#served(cycle, request), query), ({ stages }) => stages)
  }

  @Get(':cycle/stages/:stage/actors')
  @Describes({
    summary: 'The actors in a stage, now or then, the first to enter first',
    query: membersQuery,
    answer: listContent(membersAnswer),
    others,
    refusals: asked,
  })
  actors(
    @Param() { cycle, stage }: { cycle: string; stage: string },
    @Query() query: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: FormatReply,
  ) {
    return answerIn(request, reply, membersIn(this.#served(cycle, request), stage, query))
  }

  @Get(':cycle/flows')
  @Describes({
    summary: 'The transitions in effect, by hour or other periods',
    query: anyFlowsQuery,
    answer: listContent(anyFlowsAnswer),
    others,
    refusals: asked,
  })
  flows(@Param('cycle') cycle: string, @Query() query: unknown, @Req() request: Request, @Res({ passthrough: true }) reply: FormatReply) {
    return answerIn(request, reply, flowsIn(this.#served(cycle, request), query))
  }

  @Get(':cycle/accounting')
  @Describes({ summary: 'Whether the numbers of the cycle add up', answer: accountingAnswer, refusals })
  accounting(@Param('cycle') cycle: string, @RequestKey() key: Key | undefined) {
    return this.served.named(cycle, key).accounting.answer()
  }

  #served(cycle: string, { rondoKey }: Request): ServedCycle {
    return this.served.named(cycle, rondoKey)
  }
}
