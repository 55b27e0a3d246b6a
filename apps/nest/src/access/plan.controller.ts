import { Body, Controller, Delete, Get, Inject, Put, Query } from '@nestjs/common'
import { type Key, RondoError } from '#contracts'
import { PlanEditor } from '#tracking-plan'
import { jsonBody } from '../http/json-body.ts'
import { authorOf } from './author-of.ts'
import { RequestKey, Requires } from './requires.ts'

/** The tracking plan. Names of events are in the query or in the body, because a path could not hold all of them. */
@Controller('v1/plan')
export class PlanController {
  constructor(@Inject(PlanEditor) private readonly editor: PlanEditor) {}

  @Get()
  @Requires('read')
  list() {
    const { unplanned } = this.editor.plan
    return { unplanned, items: this.editor.plan.list().map(({ event, version, mode }) => ({ event, version, mode })) }
  }

  /** `?event=Order%20Completed`; `&version=1` for an earlier version. */
  @Get('events')
  @Requires('read')
  show(@Query('event') event: string | undefined, @Query('version') version: string | undefined) {
    const name = requiredName(event)
    const versions = this.editor.versionsOf(name)
    const shown = version === undefined ? versions.at(-1) : versions[numberOf('version', version) - 1]
    if (shown === undefined) throw new RondoError('RONDO_NOT_FOUND', `The contract of ${JSON.stringify(name)} has ${versions.length} versions.`)
    return { ...shown, event: name, versions: versions.map(({ planned, ...each }) => ({ ...each, mode: planned?.mode ?? null })) }
  }

  @Put('events')
  @Requires('admin')
  put(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.editor.put(jsonBody(body), authorOf(by))
  }

  /** `?event=Order%20Completed&expectedVersion=2` */
  @Delete('events')
  @Requires('admin')
  retire(@Query('event') event: string | undefined, @Query('expectedVersion') expected: string | undefined, @RequestKey() by: Key | undefined) {
    const expectedVersion = expected === undefined ? undefined : numberOf('expectedVersion', expected)
    return this.editor.retire(requiredName(event), { by: authorOf(by), expectedVersion })
  }

  @Put('unplanned')
  @Requires('admin')
  setUnplanned(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.editor.setUnplanned(jsonBody(body), authorOf(by))
  }
}

function requiredName(event: unknown): string {
  if (typeof event === 'string' && event !== '') return event
  throw new RondoError('RONDO_ARGUMENT_INVALID', 'event: expected the name of an event, such as ?event=Order%20Completed.')
}

function numberOf(name: string, text: unknown): number {
  if (typeof text === 'string' && /^\d{1,9}$/.test(text)) return Number(text)
  throw new RondoError('RONDO_ARGUMENT_INVALID', `${name}: expected a whole number.`)
}
