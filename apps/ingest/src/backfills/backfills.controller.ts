import type { IncomingMessage, ServerResponse } from 'node:http'
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Res, StreamableFile } from '@nestjs/common'
import { RouteConfig } from '@nestjs/platform-fastify'
import { Requires } from '../../../nest/src/access/requires.ts'
import { refuseBody, UnreadBody } from '../../../nest/src/http/no-body.ts'
import { READS_UPLOAD } from '../../../nest/src/http/upload.ts'
import { Describes, WRITE_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { Backfills, beginBody, rowsAnswer, rowsBody, rowsQuery, statusAnswer } from './backfills.ts'
import { HistoryUploads, uploadAnswer, uploadBody } from './history-uploads.ts'

const refusals = ['RONDO_NOT_FOUND', 'RONDO_BACKFILL_BUSY', 'RONDO_IMPORT_CONFLICT', 'RONDO_IMPORT_TOO_OLD', ...WRITE_REFUSALS] as const

/** The part of Fastify's reply that an upload needs. */
interface Reply {
  readonly raw: ServerResponse
}

/** The requests of an import. All of them need an admin key. */
@Controller('v1/backfills')
@Requires('admin')
export class BackfillsController {
  constructor(
    @Inject(Backfills) private readonly backfills: Backfills,
    @Inject(HistoryUploads) private readonly uploads: HistoryUploads,
  ) {}

  @Post()
  @HttpCode(200)
  @Describes({ summary: 'Begins an import, or continues it', body: beginBody, answer: statusAnswer, refusals })
  begin(@Body() body: unknown) {
    return this.backfills.begin(body)
  }

  /** The body is NDJSON of any length: `curl -T history.ndjson`. */
  @Put(':source')
  @RouteConfig(READS_UPLOAD)
  @Describes({ summary: 'Uploads a history of any length; sent again, each row is taken once', body: uploadBody, answer: uploadAnswer, refusals })
  async upload(@Param('source') source: string, @Body() request: IncomingMessage, @Res({ passthrough: true }) { raw }: Reply) {
    const answer = await this.uploads.take(source, request, raw)
    return 'lines' in answer ? new StreamableFile(answer.lines, { type: 'application/x-ndjson' }) : answer
  }

  @Get('current')
  @Describes({ summary: 'The import that is under way', answer: statusAnswer, refusals: ['RONDO_NOT_FOUND'] })
  current() {
    return this.backfills.current()
  }

  @Post(':id/rows')
  @HttpCode(200)
  @Describes({ summary: 'Rows of an import; they may be sent again', query: rowsQuery, body: rowsBody, answer: rowsAnswer, refusals })
  put(@Param('id') id: string, @Query() query: unknown, @Body() body: unknown) {
    return this.backfills.put(id, query, body)
  }

  @Post(':id/end')
  @HttpCode(200)
  @Describes({ summary: 'Ends an import; live events continue', answer: statusAnswer, refusals })
  end(@Param('id') id: string, @UnreadBody() body: unknown) {
    refuseBody(body, 'Rows go to /v1/backfills/ID/rows, before the end.')
    return this.backfills.end(id)
  }
}
