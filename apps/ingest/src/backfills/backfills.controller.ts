import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes, WRITE_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { Backfills, beginBody, rowsAnswer, rowsBody, rowsQuery, statusAnswer } from './backfills.ts'

const refusals = ['RONDO_NOT_FOUND', 'RONDO_BACKFILL_BUSY', 'RONDO_IMPORT_CONFLICT', 'RONDO_IMPORT_TOO_OLD', ...WRITE_REFUSALS] as const

@Controller('v1/backfills')
@Requires('admin')
export class BackfillsController {
  constructor(@Inject(Backfills) private readonly backfills: Backfills) {}

  @Post()
  @HttpCode(200)
  @Describes({ summary: 'Begins an import, or continues it', body: beginBody, answer: statusAnswer, refusals })
  begin(@Body() body: unknown) {
    return this.backfills.begin(body)
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
  end(@Param('id') id: string) {
    return this.backfills.end(id)
  }
}
