import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes } from '../../../nest/src/openapi/describes.ts'
import { PageFiles, pageFile } from './page-files.ts'

type Request = Parameters<PageFiles['answer']>[1]
type Reply = Parameters<PageFiles['answer']>[2]

/** The web component for pages of others. It has no data: its link decides what it shows. */
@Controller('embed')
@Requires('none')
export class EmbedController {
  constructor(@Inject(PageFiles) private readonly files: PageFiles) {}

  @Get('rondo-stages.js')
  @Describes({ summary: 'The web component rondo-stages', answer: { 'text/javascript': pageFile['text/javascript'] }, others: { 304: null } })
  stages(@Req() request: Request, @Res({ passthrough: true }) reply: Reply) {
    return this.files.answer('rondo-stages.js', request, reply)
  }
}
