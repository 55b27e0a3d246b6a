import { Controller, Get, Inject, Param, Query, Req, Res, StreamableFile } from '@nestjs/common'
import { type AdmittedRequest, Requires } from '../../../nest/src/access/requires.ts'
import { Describes, READ_REFUSALS } from '../../../nest/src/openapi/describes.ts'
import { exportContent, exportQuery, HistoryExports } from '../questions/history-exports.ts'
import { ServedCycles } from '../served/served-cycles.ts'

/** The part of Fastify's reply that is used here. */
interface Reply {
  header(name: string, value: string): unknown
}

/** The relations of a history as files. */
@Controller('v1/cycles')
@Requires('read')
export class ExportsController {
  constructor(
    @Inject(ServedCycles) private readonly served: ServedCycles,
    @Inject(HistoryExports) private readonly exports: HistoryExports,
  ) {}

  @Get(':cycle/export/:table')
  @Describes({
    summary: 'All transitions, stays, active quarters of an hour or traits, as a file',
    query: exportQuery,
    answer: exportContent,
    refusals: ['RONDO_NOT_FOUND', 'RONDO_HISTORY_UNAVAILABLE', 'RONDO_OVERLOADED', 'RONDO_DATA_FULL', ...READ_REFUSALS],
  })
  async file(
    @Param() { cycle, table }: { cycle: string; table: string },
    @Query() query: unknown,
    @Req() { rondoKey }: AdmittedRequest,
    @Res({ passthrough: true }) reply: Reply,
  ) {
    // Or the end of the process would wait for the next request of this connection.
    reply.header('connection', 'close')

    const { stream, type, fileName, bytes } = await this.exports.open(this.served.named(cycle, rondoKey), table, query)
    return new StreamableFile(stream, { type, disposition: `attachment; filename="${fileName}"`, length: bytes })
  }
}
