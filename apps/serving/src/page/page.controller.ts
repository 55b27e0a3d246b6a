import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common'
import { Requires } from '../../../nest/src/access/requires.ts'
import { PageFiles } from './page-files.ts'

type Request = Parameters<PageFiles['answer']>[1]
type Reply = Parameters<PageFiles['answer']>[2]

@Controller()
@Requires('read')
export class PageController {
  constructor(@Inject(PageFiles) private readonly files: PageFiles) {}

  @Get()
  page(@Req() request: Request, @Res({ passthrough: true }) reply: Reply) {
    return this.files.answer('index.html', request, reply)
  }

  @Get('page/:name')
  file(@Param('name') name: string, @Req() request: Request, @Res({ passthrough: true }) reply: Reply) {
    return this.files.answer(name, request, reply)
  }
}
