import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AlwaysOnSampler, InMemorySpanExporter, ParentBasedSampler, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { RondoError } from '#contracts'
import { SimulatedClock } from '#runtime'
import { FoldSpans } from './fold-spans.ts'

const HOUR_MS = 3_600_000
const traceOf = (digit: string, flags = '01'): string => `00-${digit.repeat(32)}-${digit.repeat(16)}-${flags}`
const batchAt = (offset: number, outputs = 1) => ({ position: { offset }, outputs: Array.from({ length: outputs }), trace: undefined as string | undefined })

describe('the spans of a partition', () => {
  let exporter: InMemorySpanExporter
  const clock = new SimulatedClock(10 * HOUR_MS)
  let provider: TracerProvider
  let spans: FoldSpans
  beforeEach(() => {
    exporter = new InMemorySpanExporter()
    provider = new TracerProvider({ sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }), spanProcessors: [new SimpleSpanProcessor({ exporter })] })
    spans = new FoldSpans({ tracer: provider.getTracer('test'), clock, attributes: { 'rondo.partition': 3 } })
  })
  afterEach(() => provider.shutdown())

  const publish = (batch: ReturnType<typeof batchAt>) => spans.publish(batch as never, async (given: typeof batch) => given)
  const made = () =>
    exporter.getFinishedSpans().map((span) => ({
      name: span.name,
      trace: span.spanContext().traceId[0],
      parent: span.parentSpanContext?.spanId[0],
      links: span.links.map(({ context }) => context.traceId[0]),
    }))

  it('of one traced request are in its trace, and the batch gets the span that publishes it', async () => {
    spans.read({ offset: 7, traces: [traceOf('a')] })
    const { trace } = await publish(batchAt(7, 2))
    const [fold, published] = exporter.getFinishedSpans()
    expect(made()).toMatchObject([
      { name: 'fold', trace: 'a', parent: 'a', links: [] },
      { name: 'publish', trace: 'a', parent: fold?.spanContext().spanId[0] },
    ])
    expect(trace).toBe(`00-${'a'.repeat(32)}-${published?.spanContext().spanId}-01`)
    expect(published?.attributes).toEqual({ 'rondo.partition': 3, 'rondo.outputs': 2 })
  })

  it('of several requests link to all but the first, which is the parent', async () => {
    spans.read({ offset: 7, traces: [traceOf('a'), traceOf('b')] })
    spans.read({ offset: 8, traces: [traceOf('c')] })
    await publish(batchAt(8))
    expect(made()[0]).toEqual({ name: 'fold', trace: 'a', parent: 'a', links: ['b', 'c'] })
  })

  it('continue where one frame needs several batches, and end with the frame', async () => {
    spans.read({ offset: 7, traces: [traceOf('a')] })
    for (const offset of [7, 7, 8]) await publish(batchAt(offset))
    expect(made().map(({ name, trace }) => name + trace)).toEqual(['folda', 'publisha', 'folda', 'publisha'])
  })

  it('are not made where nothing is traced, the trace is not sampled, its text is damaged, or the frame is older than an hour', async () => {
    const batch = batchAt(7)
    expect(await publish(batch)).toBe(batch)
    spans.read({ offset: 7, traces: [traceOf('a', '00')] })
    expect(await publish(batch)).toBe(batch)
    spans.read({ offset: 9, appendedAt: clock.now() - HOUR_MS - 1, traces: [traceOf('a')] })
    expect(await publish(batchAt(9))).toEqual(batchAt(9))
    expect(made()).toEqual([])
    spans.read({ offset: 10, appendedAt: clock.now() - HOUR_MS, traces: ['00-nonsense', traceOf('a')] })
    await publish(batchAt(10))
    expect(made()[0]).toEqual({ name: 'fold', trace: 'a', parent: 'a', links: [] })
  })

  it('of a commit that fails have its code, and the failure is passed on', async () => {
    spans.read({ offset: 7, traces: [traceOf('a')] })
    const failure = new RondoError('RONDO_DATA_FULL', 'The disk is full.')
    await expect(
      spans.publish(batchAt(7) as never, async () => {
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(exporter.getFinishedSpans()[1]).toMatchObject({ name: 'publish', attributes: { 'error.type': 'RONDO_DATA_FULL' } })
  })
})
