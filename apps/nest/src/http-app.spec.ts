import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Controller, Get, Module } from '@nestjs/common'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { RondoError } from '#contracts'
import { textLogger } from '#process'
import { listen, newApp } from './http-app.ts'

let failure: Error

/** A controller whose routes fail. */
@Controller()
class FailingController {
  @Get()
  fail() {
    throw failure
  }
}

/** The app of this test. */
@Module({})
class FailingModule {}

describe('a request that fails', () => {
  let app: NestFastifyApplication
  let url: string
  let alarms: string[]

  beforeEach(async () => {
    alarms = []
    const listening = { host: '127.0.0.1', port: 0 }
    app = await newApp({ module: FailingModule, controllers: [FailingController] }, listening, { ...textLogger, warn: (text) => alarms.push(text) })
    url = await listen(app, listening)
  })
  afterEach(() => app.close())

  async function answer() {
    const response = await fetch(url)
    const { code } = (await response.json()) as { code: string }
    return [response.status, response.headers.get('retry-after'), code]
  }

  it('for a temporary reason is answered with 503 and the time of the next attempt', async () => {
    failure = new RondoError('RONDO_MODELS_UNAVAILABLE', 'Redis is away.', { retriable: true })
    expect(await answer()).toEqual([503, '2', 'RONDO_MODELS_UNAVAILABLE'])
    expect(alarms).toEqual(['Redis is away.'])
  })

  it('for a permanent reason is answered with 500', async () => {
    failure = new RondoError('RONDO_MODELS_UNAVAILABLE', 'The password is wrong.')
    expect(await answer()).toEqual([500, null, 'RONDO_MODELS_UNAVAILABLE'])
    failure = new TypeError('x is undefined')
    expect(await answer()).toEqual([500, null, 'RONDO_INTERNAL'])
    expect(alarms).toEqual(['The password is wrong.', expect.stringContaining('x is undefined')])
  })

  it('because of one place in its body is answered with that place, and else without one', async () => {
    failure = new RondoError('RONDO_EVENT_INVALID', 'properties.price: expected a number', { path: 'properties.price' })
    expect(await (await fetch(url)).json()).toMatchObject({ status: 400, path: 'properties.price' })
    failure = new RondoError('RONDO_EVENT_INVALID', 'expected an object')
    expect(await (await fetch(url)).json()).not.toHaveProperty('path')
  })

  it('raises no alarm if the server is overloaded', async () => {
    failure = new RondoError('RONDO_OVERLOADED', 'Too many requests wait.', { retriable: true })
    expect(await answer()).toEqual([503, '2', 'RONDO_OVERLOADED'])
    expect(alarms).toEqual([])
  })

  it('again and again is logged the first, second, fourth and eighth time', async () => {
    failure = new RondoError('RONDO_MODELS_UNAVAILABLE', 'Redis is away.', { retriable: true })
    for (let requests = 0; requests < 9; requests++) await answer()
    expect(alarms).toEqual(['Redis is away.', ...[2, 4, 8].map((count) => `Redis is away. (${count} times so far)`)])
  })
})
