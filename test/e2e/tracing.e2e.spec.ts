import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { blocks } from '../fixtures/page-blocks.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'
import { SpanCollector } from '../fixtures/tracing/span-collector.ts'

const [SERVER, CLIENT_SPAN] = [2, 'c'.repeat(16)]
/** So that spans are sent as soon as they end. */
const AT_ONCE = { OTEL_BSP_SCHEDULE_DELAY: '1' }

const { argsOf, definition, path, start } = pulseAppsForTests()
let collector: SpanCollector
beforeEach(async () => {
  collector = await SpanCollector.start()
})
afterEach(() => collector.stop())

let visits = 0
const visit = (app: RunningApp, headers: Record<string, string> = {}) =>
  post(`${app.url}/v1/track`, { event: 'Visit', userId: `u${++visits}`, messageId: `m${visits}` }, headers)
const traceIdOf = (digit: string): string => digit.repeat(32)
const traceparent = (digit: string, flags = '01') => ({ traceparent: `00-${traceIdOf(digit)}-${CLIENT_SPAN}-${flags}` })
const STEPS = ['POST /v1/track', 'accept', 'durable', 'fold', 'publish']

describe('Rondo with a collector of spans', () => {
  it('has one trace from the request of a client to the transition that follows from it', async () => {
    const app = await start({ args: argsOf('--tracing', collector.url), env: AT_ONCE })
    expect((await visit(app, traceparent('a'))).status).toBe(200)
    const spans = await collector.trace(traceIdOf('a'), STEPS)
    const ids = STEPS.map((name) => spans[name]?.spanId)
    const [request, accept, , fold] = ids
    expect(STEPS.map((name) => spans[name]?.parentSpanId)).toEqual([CLIENT_SPAN, request, accept, accept, fold])
    const attributes = { 'http.route': '/v1/track', 'http.response.status_code': 200 }
    expect(spans).toMatchObject({
      'POST /v1/track': { kind: SERVER, service: 'rondo', attributes },
      accept: { attributes: { 'rondo.events': 1, 'rondo.refused': 0 } },
      publish: { attributes: { 'rondo.cycle': 'pulse', 'rondo.partition': 0, 'rondo.outputs': expect.any(Number) } },
    })
  })

  it('links the fold of a frame to each request whose events it has', async () => {
    const app = await start({ args: argsOf('--tracing', collector.url), env: AT_ONCE })
    await Promise.all(Array.from({ length: 40 }, () => visit(app)))
    const named = (name: string) => collector.spans.filter((span) => span.name === name)
    const folded = () => named('fold').flatMap(({ parentSpanId, links }) => [parentSpanId, ...links.map(({ spanId }) => spanId)])
    await eventually(folded, (spans) => spans.length >= 40)
    await eventually(
      () => named('accept'),
      (spans) => spans.length === 40,
    )
    expect(folded().sort()).toEqual(
      named('accept')
        .map(({ spanId }) => spanId)
        .sort(),
    )
    expect(named('fold').some(({ links }) => links.length > 0)).toBe(true)
  })

  it('is started as the guide says, also with a sampler', async () => {
    const commands = blocks('docs/guides/tracing.md', 'console').map((block) => block.trim().replace(/^\$ /, ''))
    expect(commands).toHaveLength(2)
    for (const [at, command] of commands.entries()) {
      const [variables = '', flags = ''] = command.split('npm start -- ')
      const args = flags
        .replace('data-traced', path(`guide-${at}`))
        .replace('http://127.0.0.1:4318', collector.url)
        .split(' ')
      const env = Object.fromEntries(
        variables
          .trim()
          .split(' ')
          .filter(Boolean)
          .map((pair) => pair.split('=')),
      )
      const app = await start({ args: [...args, '--definition', definition()], env: { ...AT_ONCE, ...env } })
      await visit(app, traceparent(String(at + 1)))
      await collector.trace(traceIdOf(String(at + 1)), STEPS)
    }
  })

  it('makes no span for a request whose client does not sample it, for a share of the others as the sampler says, and for probes', async () => {
    const none = await start({
      args: argsOf('--tracing', collector.url),
      env: { ...AT_ONCE, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    })
    expect([(await visit(none, traceparent('b', '00'))).status, (await visit(none)).status]).toEqual([200, 200])
    await fetch(`${none.url}/v1/health/ready`)
    await visit(none, traceparent('d'))
    await collector.trace(traceIdOf('d'), STEPS)
    await none.stop()
    expect([...new Set(collector.spans.map(({ traceId }) => traceId))]).toEqual([traceIdOf('d')])
  })

  it('names the code of a refusal, and not the path, which has the id of an actor', async () => {
    const app = await start({ args: argsOf('--tracing', collector.url), env: AT_ONCE })
    expect((await post(`${app.url}/v1/track`, { event: 'Visit' }, traceparent('e'))).status).toBe(400)
    await fetch(`${app.url}/v1/actors/user/secret-person`, { headers: traceparent('f') })
    const { 'GET /v1/actors/:type/:id': read } = await collector.trace(traceIdOf('f'), ['GET /v1/actors/:type/:id'])
    expect(read?.attributes).toMatchObject({ 'http.response.status_code': 404 })
    expect((await collector.trace(traceIdOf('e'), ['POST /v1/track']))['POST /v1/track']?.attributes).toMatchObject({ 'http.response.status_code': 400 })
    expect(JSON.stringify(collector.spans)).not.toContain('secret-person')
  })

  it('sends the spans that wait before it ends, and answers also where no collector can be reached', async () => {
    const app = await start({
      args: argsOf(),
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '600000', OTEL_SERVICE_NAME: 'mine' },
    })
    await visit(app, traceparent('a'))
    expect(await app.stop()).toBe(0)
    expect((await collector.trace(traceIdOf('a'), STEPS))['accept']?.service).toBe('mine')
    const nowhere = await start({ args: argsOf('--tracing', 'http://127.0.0.1:9'), env: AT_ONCE })
    expect((await visit(nowhere, traceparent('b'))).status).toBe(200)
    await eventually(
      () => nowhere.errors,
      (errors) => errors.includes('Spans cannot be sent'),
    )
    expect(nowhere.errors).toContain('Spans cannot be sent to the collector at 127.0.0.1:9 (')
    expect(nowhere.errors).not.toContain('"stack"')
    expect(await nowhere.stop()).toBe(0)
  })

  it('uses the SDK that an operator loads instead of its own, also in the thread that folds', async () => {
    writeFileSync(path('sdk.mjs'), OWN_SDK)
    const env = { ...AT_ONCE, NODE_OPTIONS: `--import ${path('sdk.mjs')}`, COLLECTOR: collector.url, MODULES: join(root, 'package.json') }
    const app = await start({ args: argsOf(), env })
    await visit(app, traceparent('a'))
    const spans = await collector.trace(traceIdOf('a'), STEPS)
    expect(new Set(Object.values(spans).map(({ service }) => service))).toEqual(new Set(['own']))
    await app.stop()
  })

  it('loads nothing of OpenTelemetry but the API, which metrics need too, where nothing asks for spans', async () => {
    writeFileSync(path('recorder.mjs'), RECORDER)
    const packagesLoaded = async (tracing: string): Promise<readonly string[]> => {
      const loaded = path(`loaded-${tracing === 'off'}`)
      const env = { NODE_OPTIONS: `--import ${path('recorder.mjs')}`, LOADED: loaded, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
      const app = await start({ args: argsOf('--tracing', tracing), env })
      expect((await visit(app, traceparent('a'))).status).toBe(200)
      await app.stop()
      return [...new Set(readFileSync(loaded, 'utf8').match(/@opentelemetry\/[\w-]+/g))]
    }
    expect(await packagesLoaded('off')).toEqual(['@opentelemetry/api'])
    expect(collector.spans).toEqual([])
    expect(await packagesLoaded(collector.url)).toContain('@opentelemetry/sdk-trace')
  })
})

/** Writes down each module that a process loads, also in its threads. */
const RECORDER = `
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOADED, url + '\\n')
    return next(url, context)
  },
})
`

/** A program as operators write it: it registers an SDK before anything else is loaded. */
const OWN_SDK = `
import { createRequire } from 'node:module'
const require = createRequire(process.env.MODULES)
const { context, propagation, trace } = require('@opentelemetry/api')
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
const { W3CTraceContextPropagator } = require('@opentelemetry/core')
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http')
const { resourceFromAttributes } = require('@opentelemetry/resources')
const { BatchSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace')
const exporter = new OTLPTraceExporter({ url: process.env.COLLECTOR + '/v1/traces' })
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())
trace.setGlobalTracerProvider(new TracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'own' }),
  spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1 })],
}))
`
