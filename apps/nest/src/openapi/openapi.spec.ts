import { createHash } from 'node:crypto'
import { afterEach, expect, it } from '@jest/globals'
import { Body, Controller, Get, HttpCode, Module, Param, Post, Query } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { z } from 'zod'
import { textLogger } from '#process'
import { Requires } from '../access/requires.ts'
import { wholeNumber } from '../http/query.ts'
import { closeApp, listen, newApp } from '../http-app.ts'
import { Describes } from './describes.ts'

/** An OpenAPI document, whose parts are compared with examples. */
// biome-ignore lint/suspicious/noExplicitAny: it is data of another format
type Document = Record<'paths' | 'components', any>

/** A value that has values of its own kind. */
interface Tree {
  readonly branches: Tree[]
}
const tree: z.ZodType<Tree> = z.strictObject({
  get branches() {
    return z.array(tree)
  },
})

/** Routes with each kind of input. */
@Controller('trees')
@Requires('read')
class TreesController {
  @Get(':id')
  @Describes({
    summary: 'A tree with <i>leaves</i> & more',
    query: z.strictObject({ depth: wholeNumber(1, 9).default(3) }),
    answer: tree,
    refusals: ['RONDO_NOT_FOUND'],
  })
  one(@Param('id') id: string, @Query() query: unknown) {
    return { id, query }
  }

  @Post(['plant', 'p'])
  @HttpCode(200)
  @Describes({ summary: 'Plants a tree', body: tree, answer: z.strictObject({ planted: z.boolean() }) })
  plant(@Body() body: unknown) {
    return body
  }
}

/** An app without keys. */
@Module({})
class TreesModule {}

let app: NestFastifyApplication
afterEach(() => closeApp(app))

it('each app serves the description of its own routes, made from the schemas of its handlers', async () => {
  const listening = { host: '127.0.0.1', port: 0 }
  app = await newApp({ module: TreesModule, controllers: [TreesController] }, listening, textLogger)
  const document = (await (await fetch(`${await listen(app, listening)}/openapi.json`)).json()) as Document
  expect(Object.keys(document.paths)).toEqual(['/asyncapi.json', '/openapi.html', '/openapi.json', '/trees/p', '/trees/plant', '/trees/{id}'])
  const { parameters, responses, requestBody, security } = document.paths['/trees/{id}'].get
  expect(parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string', minLength: 1, maxLength: 256 } },
    { name: 'depth', in: 'query', required: false, schema: { type: 'integer', minimum: 1, maximum: 9, default: 3 } },
  ])
  expect([requestBody, security]).toEqual([undefined, undefined])
  expect(Object.keys(responses)).toEqual(['200', '400', '404', '408', '414', '417', '421', '431'])
  const problem = responses['404'].content['application/problem+json'].schema
  expect(problem.properties.code).toEqual({ enum: ['RONDO_NOT_FOUND'] })
  const plant = document.paths['/trees/plant'].post
  expect(Object.keys(plant.responses)).toEqual(['200', '400', '408', '413', '414', '415', '417', '421', '431'])
  expect(plant.requestBody.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Trees.plant.body' })
  // A schema that names itself is found at its place in the document.
  const self = document.components.schemas['Trees.plant.body'].properties.branches.items.$ref
  expect(self).toBe('#/components/schemas/Trees.plant.body')
})

it('each app serves a page of its own routes, which loads nothing and runs nothing', async () => {
  const listening = { host: '127.0.0.1', port: 0 }
  app = await newApp({ module: TreesModule, controllers: [TreesController] }, listening, textLogger)
  const answer = await fetch(`${await listen(app, listening)}/openapi.html`)
  const page = await answer.text()
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(page) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  expect(answer.headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  expect(page).not.toMatch(/<script|<link|<img|https?:\/\/(?!rondo\.example)| style=| on\w+=/)
  expect(page).toContain('<b>GET /trees/{id}</b> A tree with &lt;i&gt;leaves&lt;/i&gt; &amp; more <small>(key: read)</small>')
  // Paths that do the same are one route, under the longer name.
  expect(page).toContain('<b>POST /trees/plant</b>')
  expect(page).toContain('The same: <code>/trees/p</code>')
  expect(page).toContain('<td>integer from 1 to 9, 3 unless given</td>')
  expect(page).toContain('<code>RONDO_NOT_FOUND</code> (404)')
})
