import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import { z } from 'zod'
import { Links } from '#access'
import { formatInstant, instantSchema, type Key, plainExpectation, RondoError } from '#contracts'
import { jsonBody } from '../http/json-body.ts'
import { Describes } from '../openapi/describes.ts'
import { RequestKey, Requires } from './requires.ts'

const DURATION = '7d'
const linkBody = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .meta({ description: 'what the link shows: a path with its query, such as /v1/cycles/NAME/stages', examples: ['/v1/cycles/listener/stages'] }),
  duration: z
    .string()
    .max(16)
    .optional()
    .meta({ description: `how long it is valid, at most 30d; ${DURATION} unless given`, examples: [DURATION] }),
  key: z.string().max(64).optional().meta({ description: 'the id of the read key that signs it; that of the request unless given' }),
})
const linkAnswer = z.strictObject({
  path: z.string().meta({ description: 'the path with its query and the signature; put the address of Rondo before it' }),
  endsAt: instantSchema,
})

/** Makes signed links. Nothing is stored: a link ends by itself, or with the key that signed it. */
@Controller('v1/links')
@Requires('read')
export class LinksController {
  constructor(@Inject(Links) private readonly links: Links) {}

  @Post()
  @HttpCode(200)
  @Describes({ summary: 'Makes a signed link to one actor or one picture', body: linkBody, answer: linkAnswer, refusals: ['RONDO_NOT_FOUND'] })
  create(@Body() body: unknown, @RequestKey() by: Key | undefined): z.infer<typeof linkAnswer> {
    const { success, data, error } = linkBody.safeParse(jsonBody(body), { error: plainExpectation })
    if (!success)
      throw new RondoError(
        'RONDO_ARGUMENT_INVALID',
        `The request for a link is not valid: ${error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`).join('; ')}.`,
      )
    const { path, endsAt } = this.links.sign(data.path, signerOf(data.key, by), data.duration ?? DURATION)
    return { path, endsAt: formatInstant(endsAt) }
  }
}

/** A read key signs for itself alone: another one may show more. */
function signerOf(asked: string | undefined, by: Key | undefined): string {
  if (by?.role === 'read' && asked !== undefined && asked !== by.id)
    throw new RondoError('RONDO_KEY_SCOPE', `The key ${by.id} (${by.name}) may sign links for itself only; an admin key names the key that signs.`)
  const id = asked ?? (by?.role === 'read' ? by.id : undefined)
  if (id === undefined)
    throw new RondoError('RONDO_ARGUMENT_INVALID', 'key: expected the id of the read key that signs the link (rondo key create --role read).')
  return id
}
