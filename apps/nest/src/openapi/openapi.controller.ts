import { Controller, Get, Inject } from '@nestjs/common'
import { z } from 'zod'
import { Requires } from '../access/requires.ts'
import { Describes } from './describes.ts'

/** The name under which Nest injects the OpenAPI document. */
export const DOCUMENT = Symbol('openapi document')

const documentAnswer = z.looseObject({ openapi: z.literal('3.1.0'), paths: z.record(z.string(), z.unknown()) })

/** The description of the app's own routes, for clients, tools and tests. It has nothing that is secret. */
@Controller('openapi.json')
@Requires('none')
export class OpenApiController {
  constructor(@Inject(DOCUMENT) private readonly document: () => object) {}

  @Get()
  @Describes({ summary: 'This document: the routes of this app, OpenAPI 3.1', answer: documentAnswer })
  describe() {
    return this.document()
  }
}
