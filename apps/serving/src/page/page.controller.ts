import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common'
import type { z } from 'zod'
import { Requires } from '../../../nest/src/access/requires.ts'
import { Describes } from '../../../nest/src/openapi/describes.ts'
import { Embedding, pageQuery } from './embedding.ts'
import { PageFiles, pageFile } from './page-files.ts'

type Request = Parameters<PageFiles['answer']>[1]
type Reply = Parameters<PageFiles['answer']>[2] & Parameters<Embedding['allow']>[1]

/** The routes of the page. */
@Controller()
@Requires('read')
export class PageController {
  constructor(
    @Inject(PageFiles) private readonly files: PageFiles,
    @Inject(Embedding) private readonly embedding: Embedding,
  ) {}

  @Get()
  @Describes({ summary: 'The page; with `embed=1` for a frame', query: pageQuery, answer: pageFile, others: { 304: null } })
  page(@Query() query: z.infer<typeof pageQuery>, @Req() request: Request, @Res({ passthrough: true }) reply: Reply) {
    this.embedding.allow(query, reply)
    return this.files.answer('index.html', request, reply)
  }

  @Get('page/:name')
  @Describes({ summary: 'A file of the page', answer: pageFile, others: { 304: null }, refusals: ['RONDO_NOT_FOUND'] })
  file(@Param('name') name: string, @Req() request: Request, @Res({ passthrough: true }) reply: Reply) {
    return this.files.answer(name, request, reply)
  }
}
