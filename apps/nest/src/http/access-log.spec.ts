import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Controller, Get, Module, Param } from '@nestjs/common'
import { RondoError } from '#contracts'
import { type LogFields, textLogger } from '#process'
import { Requires } from '../access/requires.ts'
import { closeApp, listen, newApp } from '../http-app.ts'

@Controller('v1')
class ThingsController {
  @Get('things/:id')
  @Requires('none')
  thing(@Param('id') id: string) {
    if (id === 'full') throw new RondoError('RONDO_DATA_FULL', 'The disk is full.', { retriable: true })
    if (id === 'broken') throw new TypeError('x is undefined')
    return { id }
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const listening = { host: '127.0.0.1', port: 0 }
let written: [level: string, text: string, fields: LogFields | undefined][]
let app: Awaited<ReturnType<typeof newApp>>
let url: string
const to =
  (level: string) =>
  (message: string, fields?: LogFields): void =>
    void written.push([level, message, fields])
beforeAll(async () => {
  app = await newApp({ module: ThingsModule }, listening, { ...textLogger, debug: to('debug'), info: to('info'), warn: to('warn') })
  url = await listen(app, listening)
})
afterAll(() => closeApp(app))
beforeEach(() => {
  written = []
})

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`${url}${path}`, { headers })
  return { id: answer.headers.get('x-request-id'), body: (await answer.json()) as Record<string, unknown> }
}

describe('the log of requests', () => {
  it('has each request at the level debug, by its route and without the path', async () => {
    const { id } = await ask('/v1/things/ann?key=secret', { 'x-request-id': 'r1' })
    expect(id).toBe('r1')
    const fields = { requestId: 'r1', method: 'GET', route: '/v1/things/:id', status: 200, ms: expect.any(Number) }
    expect(written).toEqual([['debug', 'GET /v1/things/:id was answered with 200.', fields]])
  })

  it('has a request that failed here as information, under the id and the code that its answer has', async () => {
    const { id, body } = await ask('/v1/things/full', { 'x-request-id': 'r2' })
    expect([id, body['requestId'], body['code']]).toEqual(['r2', 'r2', 'RONDO_DATA_FULL'])
    expect(written).toEqual([['info', 'GET /v1/things/:id was answered with 503.', expect.objectContaining({ requestId: 'r2', code: 'RONDO_DATA_FULL' })]])
  })

  it('has the id of a request that met a defect in its alarm', async () => {
    const { id } = await ask('/v1/things/broken')
    expect(written[0]).toEqual(['warn', expect.stringContaining('x is undefined'), { requestId: id }])
  })

  it('has a path that does not exist under one name', async () => {
    const { id, body } = await ask('/v2/nothing/here')
    expect(body['requestId']).toBe(id)
    expect(written).toEqual([['debug', 'GET other was answered with 404.', expect.objectContaining({ route: 'other', code: 'RONDO_NOT_FOUND' })]])
  })

  it('a request that is not HTTP gets an id of its own', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.end('nonsense\r\n\r\n')
    const answer = await text(socket)
    const [, header] = /^x-request-id: (\S+)\r$/m.exec(answer) ?? []
    expect(answer).toContain(`"requestId":"${header}"`)
  })
})
