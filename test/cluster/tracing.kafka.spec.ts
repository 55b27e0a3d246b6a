import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { samplesOf } from '../fixtures/metrics/exposed-metrics.ts'
import { post } from '../fixtures/processes/running-app.ts'
import { SpanCollector } from '../fixtures/tracing/span-collector.ts'

const traceIdOf = (digit: string): string => digit.repeat(32)
const headersOf = (digit: string, flags = '01') => ({ traceparent: `00-${traceIdOf(digit)}-${'c'.repeat(16)}-${flags}` })
/** How many actors send at the same time. */
const MANY = 40
const STEPS = ['POST /v1/track', 'accept', 'durable', 'fold', 'publish', 'follow']

describe('the apps on Kafka with a collector of spans', () => {
  const home = temporaryFolder()
  let collector: SpanCollector
  let cluster: LocalCluster
  beforeAll(async () => {
    collector = await SpanCollector.start()
    cluster = await LocalCluster.start({
      folder: home.path,
      definition: join(import.meta.dirname, 'pulse.yaml'),
      partitions: 2,
      counts: { ingest: 1, processor: 2, reactor: 1, serving: 1 },
      settings: { RONDO_SHORT_GRACE: 'yes', RONDO_TRACING: collector.url, OTEL_BSP_SCHEDULE_DELAY: '1' },
    })
  })
  afterAll(async () => {
    await cluster.stop()
    await collector.stop()
    home[Symbol.dispose]()
  })

  const urlOf = (app: 'ingest' | 'serving'): string => cluster.of(app)[0]?.url ?? ''
  const beat = (actor: string, headers: Record<string, string>) =>
    post(`${urlOf('ingest')}/v1/track`, { event: 'Beat', userId: actor, messageId: `m-${actor}` }, headers)

  /** How many actors have entered the cycle, as the reactor has read. */
  const entered = async (): Promise<number> =>
    samplesOf((await cluster.of('reactor')[0]?.metrics()) ?? '')
      .filter(({ name, labels }) => name === 'rondo_followed_outputs_total' && labels['kind'] === 'advance')
      .reduce((sum, { value }) => sum + value, 0)

  it('have one trace from the request to the reader of the published transition, through four processes', async () => {
    expect((await beat('u1', headersOf('a'))).status).toBe(200)
    const spans = await collector.trace(traceIdOf('a'), STEPS)
    const [request, accept, durable, fold, publish, follow] = STEPS.map((name) => spans[name])
    expect([request, accept, durable, fold, publish, follow].map((span) => [span?.service, span?.parentSpanId])).toEqual([
      ['rondo-ingest', 'c'.repeat(16)],
      ['rondo-ingest', request?.spanId],
      ['rondo-ingest', accept?.spanId],
      ['rondo-processor', accept?.spanId],
      ['rondo-processor', fold?.spanId],
      ['rondo-reactor', publish?.spanId],
    ])
    await fetch(`${urlOf('serving')}/v1/actors/user/u1`, { headers: headersOf('b') })
    const read = await collector.trace(traceIdOf('b'), ['GET /v1/actors/:type/:id'])
    expect(read['GET /v1/actors/:type/:id']).toMatchObject({ service: 'rondo-serving', attributes: { 'http.response.status_code': 200 } })
  })

  it('link the fold of a frame to each request whose events it has, in each partition', async () => {
    const actors = Array.from({ length: MANY }, (_, n) => `many${n}`)
    await Promise.all(actors.map((actor) => beat(actor, {})))
    const named = (name: string) => collector.spans.filter((span) => span.name === name && span.traceId !== traceIdOf('a'))
    const folded = () => named('fold').flatMap(({ parentSpanId, links }) => [parentSpanId, ...links.map(({ spanId }) => spanId)])
    await eventually(folded, (spans) => spans.length >= actors.length)
    await eventually(
      () => named('accept'),
      (spans) => spans.length === actors.length,
    )
    expect(folded().sort()).toEqual(
      named('accept')
        .map(({ spanId }) => spanId)
        .sort(),
    )
    expect(new Set(named('fold').map(({ attributes }) => attributes['rondo.partition']))).toEqual(new Set([0, 1]))
  })

  it('make no span for a request whose client does not sample it', async () => {
    await beat('unsampled', headersOf('d', '00'))
    await beat('sampled', headersOf('e'))
    const { accept } = await collector.trace(traceIdOf('e'), STEPS.slice(0, 3))
    // Where requests are folded together, the fold is in the trace of the first of them, and links to the others.
    await eventually(
      () => collector.spans.filter(({ name }) => name === 'fold'),
      (folds) => folds.some(({ parentSpanId, links }) => [parentSpanId, ...links.map(({ spanId }) => spanId)].includes(accept?.spanId)),
    )
    await eventually(entered, (count) => count === 1 + MANY + 2)
    expect(collector.spans.filter(({ traceId }) => traceId === traceIdOf('d'))).toEqual([])
  })
})
