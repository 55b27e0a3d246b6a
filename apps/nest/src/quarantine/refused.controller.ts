import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common'
import { previewSchema, Quarantine, readRequest } from '#quarantine'
import { Requires } from '../access/requires.ts'
import { jsonBody } from '../http/json-body.ts'
import { readQuery } from '../http/query.ts'
import { Describes, READ_REFUSALS } from '../openapi/describes.ts'
import { countsAnswer, previewAnswer, receiptAnswer, receiptsAnswer, refusedAnswer, refusedListAnswer } from './quarantine-answers.ts'
import { exportLine, listSchema } from './refused-list.ts'

const refusals = READ_REFUSALS
const findRefusals = ['RONDO_NOT_FOUND', ...READ_REFUSALS] as const
const NDJSON = 'application/x-ndjson'

/** The part of Fastify's reply that is used here. */
interface Reply {
  header(name: string, value: string): Reply
  send(body: unknown): unknown
}

/** Refused events, and what would become of them now. */
@Controller('v1/quarantine')
@Requires('read')
export class RefusedController {
  constructor(@Inject(Quarantine) private readonly quarantine: Quarantine) {}

  /** With `accept: application/x-ndjson` a line each, for an export: the next cursor is in the header `rondo-next`. */
  @Get()
  @Describes({ summary: 'Refused events with the reason', query: listSchema, answer: refusedListAnswer, refusals })
  async list(@Query() query: unknown, @Headers('accept') accept: string | undefined, @Res() reply: Reply) {
    const { as, ...request } = readQuery(listSchema, query)
    const page = await this.quarantine.list(request)
    if (accept !== NDJSON) return reply.header('content-type', 'application/json; charset=utf-8').send({ ...page, usage: await this.quarantine.usage() })
    const lines = page.items.map((item) => exportLine(item, as)).join('')
    return reply.header('content-type', NDJSON).header('rondo-next', page.next).header('rondo-more', String(page.more)).send(lines)
  }

  @Get('counts')
  @Describes({ summary: 'How many refused events are open, by their reasons', answer: countsAnswer, refusals })
  async counts() {
    return { ...(await this.quarantine.counts()), usage: await this.quarantine.usage() }
  }

  @Get('receipts')
  @Describes({ summary: 'What was replayed and discarded, the newest first', answer: receiptsAnswer, refusals })
  async receipts() {
    const receipts = await this.quarantine.receipts()
    return { items: receipts.map(({ items, ...receipt }) => ({ ...receipt, count: items.length, late: items.filter(({ late }) => late).length })) }
  }

  @Get('receipts/:id')
  @Describes({ summary: 'The refused events of a receipt, and the events that they became', answer: receiptAnswer, refusals: findRefusals })
  receipt(@Param('id') id: string) {
    return this.quarantine.receipt(id)
  }

  @Get(':id')
  @Describes({ summary: 'A refused event, and the receipt that settled it', answer: refusedAnswer, refusals: findRefusals })
  find(@Param('id') id: string) {
    return this.quarantine.find(id)
  }

  @Post('preview')
  @HttpCode(200)
  @Describes({ summary: 'What would become of refused events if they were replayed now', body: previewSchema, answer: previewAnswer, refusals: findRefusals })
  preview(@Body() body: unknown) {
    return this.quarantine.preview(readRequest(previewSchema, jsonBody(body)))
  }
}
