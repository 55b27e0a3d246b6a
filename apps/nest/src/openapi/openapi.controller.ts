import { Controller, Get, Header, Inject } from '@nestjs/common'
import { z } from 'zod'
import { Requires } from '../access/requires.ts'
import { asyncApiDocument } from './asyncapi-document.ts'
import { Describes } from './describes.ts'
import { apiHtml, apiPagePolicy } from './page/api-html.ts'

/** The name under which Nest injects the OpenAPI document. */
export const DOCUMENT = Symbol('openapi document')

/** The name under which Nest injects the version of Rondo. */
export const VERSION = Symbol('version')

const documentAnswer = z.looseObject({ openapi: z.literal('3.1.0'), paths: z.record(z.string(), z.unknown()) })

const topicsAnswer = z.looseObject({ asyncapi: z.literal('3.0.0'), channels: z.record(z.string(), z.unknown()) })

/** The description of the app's own routes, for clients, tools, tests and people. It has nothing that is secret. */
@Controller()
@Requires('none')
export class OpenApiController {
  #page: string | undefined

  #topics: object | undefined

  constructor(
    @Inject(DOCUMENT) private readonly document: () => object,
    @Inject(VERSION) private readonly version: string,
  ) {}

  @Get('openapi.json')
  @Describes({ summary: 'The routes of this app for tools, OpenAPI 3.1', answer: documentAnswer })
  describe() {
    return this.document()
  }

  @Get('openapi.html')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', apiPagePolicy)
  @Describes({ summary: 'The routes of this app as a page for people', answer: { 'text/html': z.string() } })
  show() {
    this.#page ??= apiHtml(this.document())
    return this.#page
  }

  @Get('asyncapi.json')
  @Describes({ summary: 'The topics of Rondo on Kafka for tools, AsyncAPI 3', answer: topicsAnswer })
  topics() {
    this.#topics ??= asyncApiDocument(this.version)
    return this.#topics
  }
}
