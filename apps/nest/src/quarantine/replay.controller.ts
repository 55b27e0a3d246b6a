import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import type { Key } from '#contracts'
import { discardSchema, Quarantine, readRequest, replaySchema } from '#quarantine'
import { authorOf } from '../access/author-of.ts'
import { RequestKey, Requires } from '../access/requires.ts'
import { jsonBody } from '../http/json-body.ts'
import { Describes, READ_REFUSALS, WRITE_REFUSALS } from '../openapi/describes.ts'
import { settledAnswer } from './quarantine-answers.ts'

const refusals = ['RONDO_NOT_FOUND', ...READ_REFUSALS, ...WRITE_REFUSALS] as const

/** Replays and discards refused events. */
@Controller('v1/quarantine')
@Requires('admin')
export class ReplayController {
  constructor(@Inject(Quarantine) private readonly quarantine: Quarantine) {}

  @Post('replay')
  @Describes({ summary: 'Writes refused events into the log', body: replaySchema, answer: settledAnswer, refusals })
  @HttpCode(200)
  replay(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.quarantine.replay(readRequest(replaySchema, jsonBody(body)), authorOf(by))
  }

  @Post('discard')
  @Describes({ summary: 'Settles refused events that nobody wants', body: discardSchema, answer: settledAnswer, refusals })
  @HttpCode(200)
  discard(@Body() body: unknown, @RequestKey() by: Key | undefined) {
    return this.quarantine.discard(readRequest(discardSchema, jsonBody(body)), authorOf(by))
  }
}
