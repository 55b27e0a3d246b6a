import { type Attributes, type Span, type SpanContext, SpanKind, type Tracer } from '@opentelemetry/api'
import type { Instant } from '#contracts'
import type { Clock } from '#runtime'
import { failSpan } from './span-failure.ts'
import { contextOf, parentAndLinks, sampledTraceparent, spanContextsOf } from './traceparent.ts'

/** A frame that is older makes no spans: a rebuild folds frames of long ago, whose traces nobody waits for. */
const AGE_MS_MAX = 3_600_000

/** A frame that is folded. */
interface FoldedFrame {
  readonly offset: number
  readonly appendedAt?: Instant
  readonly traces?: readonly string[]
}

/** What the fold made, to be committed. */
interface FoldedBatch {
  readonly position: { readonly offset: number }
  readonly outputs: readonly unknown[]
  readonly trace?: string
}

/** What the spans of a partition have in common. */
export interface FoldSpansOptions {
  readonly tracer: Tracer
  readonly clock: Clock
  readonly attributes: Attributes
}

/** The spans of one partition: the fold of frames that traced requests have sent, and the commit of what follows from them. */
export class FoldSpans {
  readonly #options: FoldSpansOptions
  #folding: Span | undefined
  /** The newest frame of traced requests. */
  #last: { readonly offset: number; readonly requests: readonly SpanContext[] } | undefined

  constructor(options: FoldSpansOptions) {
    this.#options = options
  }

  /** A frame is folded from now on. */
  read(frame: FoldedFrame): void {
    const { offset, traces = [], appendedAt = Number.POSITIVE_INFINITY } = frame
    const requests = this.#options.clock.now() - appendedAt > AGE_MS_MAX ? [] : spanContextsOf(traces)
    if (requests.length === 0) return
    this.#last = { offset, requests }
    if (this.#folding === undefined) this.#folding = this.#fold(requests)
    else this.#folding.addLinks(requests.map((context) => ({ context })))
  }

  /** Commits what was folded since the last batch. */
  async publish<Batch extends FoldedBatch, Result>(batch: Batch, commit: (batch: Batch) => Promise<Result>): Promise<Result> {
    const { tracer, attributes } = this.#options
    const fold = this.#take(batch)
    if (fold === undefined) return await commit(batch)
    const counts = { ...attributes, 'rondo.outputs': batch.outputs.length }
    fold.setAttributes(counts).end()
    const publish = tracer.startSpan('publish', { kind: SpanKind.PRODUCER, attributes: counts }, contextOf(fold))
    const trace = sampledTraceparent(publish)
    try {
      return await commit(trace === undefined ? batch : { ...batch, trace })
    } catch (error) {
      failSpan(publish, error)
      throw error
    } finally {
      publish.end()
    }
  }

  /** The span of what the batch was made of. What follows from one frame can need several batches. */
  #take({ position }: FoldedBatch): Span | undefined {
    const last = this.#last
    const fold = this.#folding ?? (last?.offset === position.offset ? this.#fold(last.requests) : undefined)
    this.#folding = undefined
    return fold
  }

  #fold(requests: readonly SpanContext[]): Span {
    const { tracer, attributes } = this.#options
    const { parent, links } = parentAndLinks(requests)
    return tracer.startSpan('fold', { kind: SpanKind.CONSUMER, attributes, links }, parent)
  }
}
