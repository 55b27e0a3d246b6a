import { Body, Controller, Delete, Get, Inject, Put, Query } from '@nestjs/common'
import type { z } from 'zod'
import { type Key, RondoError } from '#contracts'
import { PlanEditor, planPutSchema, unplannedPutSchema } from '#tracking-plan'
import { jsonBody } from '../http/json-body.ts'
import { refuseBody, UnreadBody } from '../http/no-body.ts'
import { readQuery } from '../http/query.ts'
import { Describes, WRITE_REFUSALS } from '../openapi/describes.ts'
import { authorOf } from './author-of.ts'
import { planAnswer, plannedAnswer, retiredAnswer, retireQuery, shownAnswer, shownQuery, unplannedAnswer } from './plan-answers.ts'
import { planBody } from './plan-body.ts'
import { RequestKey, Requires } from './requires.ts'

const refusals = ['RONDO_NOT_FOUND'] as const
const changeRefusals = ['RONDO_PLAN_INVALID', 'RONDO_PLAN_CONFLICT', ...WRITE_REFUSALS] as const

/** The tracking plan. Names of events are in the query or in the body, because a path could not hold all of them. */
@Controller('v1/plan')
export class PlanController {
  constructor(@Inject(PlanEditor) private readonly editor: PlanEditor) {}

  @Get()
  @Requires('read')
  @Describes({ summary: 'The tracking plan', answer: planAnswer })
  list(): z.infer<typeof planAnswer> {
    const { unplanned } = this.editor.plan
    return { unplanned, items: this.editor.plan.list().map(({ event, version, mode }) => ({ event, version, mode })) }
  }

  /** `?event=Order%20Completed`; `&version=1` for an earlier version. */
  @Get('events')
  @Requires('read')
  @Describes({ summary: 'The contract of a name, with its versions', query: shownQuery, answer: shownAnswer, refusals })
  show(@Query() query: unknown): z.infer<typeof shownAnswer> {
    const { event: name, version } = readQuery(shownQuery, query)
    const versions = this.editor.versionsOf(name)
    const shown = version === undefined ? versions.at(-1) : versions[version - 1]
    if (shown === undefined) throw new RondoError('RONDO_NOT_FOUND', `The contract of ${JSON.stringify(name)} has ${versions.length} versions.`)
    const { planned, ...made } = shown
    const contract = planned === undefined ? { mode: null } : { mode: planned.mode, schema: planned.schema }
    return { event: name, ...made, ...contract, versions: versions.map(({ planned: of, ...each }) => ({ ...each, mode: of?.mode ?? null })) }
  }

  @Put('events')
  @Requires('admin')
  @Describes({ summary: 'Makes or changes the contract of a name', body: planPutSchema, answer: plannedAnswer, refusals: changeRefusals })
  put(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.editor.put(planBody(body), authorOf(by))
  }

  /** `?event=Order%20Completed&expectedVersion=2` */
  @Delete('events')
  @Requires('admin')
  @Describes({ summary: 'Takes a name out of the plan', query: retireQuery, answer: retiredAnswer, refusals: [...refusals, ...changeRefusals] })
  retire(@Query() query: unknown, @UnreadBody() body: unknown, @RequestKey() by: Key | undefined) {
    refuseBody(body, 'The name stands in the query, such as ?event=Visit&expectedVersion=2.')
    const { event, expectedVersion } = readQuery(retireQuery, query)
    return this.editor.retire(event, { by: authorOf(by), expectedVersion })
  }

  @Put('unplanned')
  @Requires('admin')
  @Describes({ summary: 'Sets what happens to names that are not in the plan', body: unplannedPutSchema, answer: unplannedAnswer, refusals: changeRefusals })
  setUnplanned(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.editor.setUnplanned(jsonBody(body), authorOf(by))
  }
}
