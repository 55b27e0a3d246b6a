import { request } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { Module } from '@nestjs/common'
import { Counter, Registry } from 'prom-client'
import { textLogger } from '#process'
import { closeApp, listen, newApp } from '../http-app.ts'
import { MetricsListener } from './metrics-listener.ts'

@Module({})
class EmptyModule {}

const listening = { host: '127.0.0.1', port: 0, metricsHost: '127.0.0.1' }
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(metricsPort: '' | 'public' | number) {
  const metrics = new Registry()
  new Counter({ name: 'rondo_test_total', help: 'A test', registers: [metrics] })
  const app = await newApp({ module: EmptyModule }, { ...listening, metricsPort }, textLogger, { metrics })
  const url = await listen(app, listening)
  closing.push(() => closeApp(app))
  const listener = await MetricsListener.open(metrics, { ...listening, metricsPort })
  closing.push(async () => listener?.close())
  return { url, metricsUrl: /http:\S+(?=\/metrics)/.exec(listener?.sentence ?? '')?.[0] ?? '' }
}

const statusFor = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) =>
    request(`${url}/metrics`, { headers: { host } }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end(),
  )

describe('the metrics of an app', () => {
  it('are on a port of their own, and not on the port of the app', async () => {
    const { url, metricsUrl } = await start('')
    const answer = await fetch(`${metricsUrl}/metrics`)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await answer.text()).toContain('\nrondo_test_total 0\n')
    expect((await fetch(`${url}/metrics`)).status).toBe(404)
    expect((await fetch(`${metricsUrl}/v1/health/live`)).status).toBe(404)
  })

  it('are on the port of the app if that is set', async () => {
    const { url, metricsUrl } = await start('public')
    expect(metricsUrl).toBe('')
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
  })

  it('are refused to a page that another host name leads to', async () => {
    const { metricsUrl } = await start(0)
    expect([await statusFor(metricsUrl, 'localhost'), await statusFor(metricsUrl, 'evil.example')]).toEqual([200, 421])
  })

  it('have the series of every route before its first request, and count by route, not by path', async () => {
    const { url, metricsUrl } = await start('')
    const lines = async (): Promise<string[]> =>
      (await (await fetch(`${metricsUrl}/metrics`)).text())
        .split('\n')
        .filter((line) => /^rondo_http_(responses_total|request_duration_seconds_count)/.test(line))
    expect(await lines()).toEqual(expect.arrayContaining(['rondo_http_responses_total{method="GET",route="/openapi.json",status="2xx"} 0']))
    for (const path of ['/openapi.json', '/nothing/1', '/nothing/2']) await fetch(`${url}${path}`)
    const seen = await lines()
    expect(seen).toContain('rondo_http_responses_total{method="GET",route="/openapi.json",status="2xx"} 1')
    expect(seen).toContain('rondo_http_responses_total{method="other",route="other",status="4xx"} 2')
    expect(seen).toContain('rondo_http_request_duration_seconds_count{method="GET",route="/openapi.json"} 1')
  })

  it('are not started on a port that another program has', async () => {
    const { metricsUrl } = await start(0)
    const port = Number(new URL(metricsUrl).port)
    await expect(MetricsListener.open(new Registry(), { ...listening, metricsPort: port })).rejects.toMatchObject({
      code: 'RONDO_PORT_IN_USE',
      message: expect.stringContaining('--metrics-port'),
    })
  })
})
