import { Controller, HttpCode, Inject, Post } from '@nestjs/common'
import { z } from 'zod'
import { type Key, reloadedSchema } from '#contracts'
import type { Change } from '#process'
import { refuseBody, UnreadBody } from '../http/no-body.ts'
import { Describes, WRITE_REFUSALS } from '../openapi/describes.ts'
import { authorOf } from './author-of.ts'
import { RequestKey, Requires } from './requires.ts'

/** Reads settings and files again. @param by who has asked, as in the audit log */
export type Reload = (by: string) => Promise<readonly Change[]>

/** The name under which Nest injects a {@link Reload}. */
export const RELOAD = Symbol('reload')

const reloadAnswer = z.strictObject({ changes: reloadedSchema.shape.changes })

/** The route that makes this process read its settings, and the files that they name, again. */
@Controller('v1/reload')
@Requires('admin')
export class ReloadController {
  constructor(@Inject(RELOAD) private readonly reload: Reload) {}

  @Post()
  @HttpCode(200)
  @Describes({
    summary: 'Reads settings and files again; nothing changes unless all of it is good',
    answer: reloadAnswer,
    refusals: ['RONDO_RELOAD_REFUSED', ...WRITE_REFUSALS],
  })
  async run(@UnreadBody() body: unknown, @RequestKey() by: Key | undefined): Promise<z.infer<typeof reloadAnswer>> {
    refuseBody(body, 'What changes stands in the files that the process reads.')
    return { changes: [...(await this.reload(authorOf(by)))] }
  }
}
