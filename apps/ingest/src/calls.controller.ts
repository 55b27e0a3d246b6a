import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common'
import { Calls } from './calls.ts'

/** The paths that SDKs of the Segment dialect send to (test/fixtures/clients). Exactly 200, or some clients send everything again. */
@Controller('v1')
export class CallsController {
  constructor(@Inject(Calls) private readonly calls: Calls) {}

  @Post(['batch', 'b', 'import'])
  @HttpCode(200)
  batch(@Body() body: unknown) {
    return this.calls.batch(body)
  }

  @Post(':call')
  @HttpCode(200)
  call(@Param('call') call: string, @Body() body: unknown) {
    return this.calls.one(call, body)
  }
}
