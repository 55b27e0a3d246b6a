import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Backfills } from './backfills.ts'

@Controller('v1/backfills')
@Requires('admin')
export class BackfillsController {
  constructor(@Inject(Backfills) private readonly backfills: Backfills) {}

  @Post()
  @HttpCode(200)
  begin(@Body() body: unknown) {
    return this.backfills.begin(body)
  }

  @Get('current')
  current() {
    return this.backfills.current()
  }

  @Post(':id/rows')
  @HttpCode(200)
  put(@Param('id') id: string, @Query('first') first: string | undefined, @Body() body: unknown) {
    return this.backfills.put(id, first, body)
  }

  @Post(':id/end')
  @HttpCode(200)
  end(@Param('id') id: string) {
    return this.backfills.end(id)
  }
}
