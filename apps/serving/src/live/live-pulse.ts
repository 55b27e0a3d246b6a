import { z } from 'zod'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'
import type { LiveSources } from './live-sources.ts'
import type { LiveStream } from './live-stream.ts'
import { eventText } from './live-text.ts'

/** How often the counts are read while a stream is open. */
const COUNTS_MS = 1_000
/** Freshness comes with each fifth reading of the counts. */
const FRESHNESS_EVERY = 5

const countsData = z.strictObject({ asOf: freshnessSchema, total: z.int().nonnegative(), stages: z.record(z.string(), z.int().nonnegative()) })
const freshnessData = z.strictObject({ asOf: freshnessSchema })

/** What comes to every stream of a cycle without an output: the counts when they have changed, and how fresh all of it is. */
export class LivePulse {
  readonly #sources: LiveSources
  readonly #streams: ReadonlySet<LiveStream>
  #timer: NodeJS.Timeout | undefined
  #readings = 0
  #isReading = false
  /** The counts that were sent last, without their freshness. */
  #counted: string | undefined

  constructor(sources: LiveSources, streams: ReadonlySet<LiveStream>) {
    this.#sources = sources
    this.#streams = streams
  }

  /** What a stream gets first. */
  async begin(stream: LiveStream): Promise<void> {
    stream.give(Buffer.from(eventText('freshness', await this.#freshness(), placeOf(stream))))
    const counts = stream.order.events.has('counts') ? await this.#counts() : undefined
    this.#counted ??= counts?.counted
    if (counts !== undefined) stream.give(Buffer.from(eventText('counts', counts.data)))
    if (this.#streams.size > 0) this.#timer ??= setInterval(() => void this.#beat(), COUNTS_MS)
  }

  /** To be called when no stream is left. */
  rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#counted = undefined
  }

  async #beat(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    for (const stream of [...this.#streams]) if (!stream.order.isAllowed()) stream.end()
    await this.#giveCounts()
    if (++this.#readings % FRESHNESS_EVERY === 0) await this.#giveFreshness()
    this.#isReading = false
  }

  async #giveCounts(): Promise<void> {
    const wanting = [...this.#streams].filter(({ order }) => order.events.has('counts'))
    const counts = wanting.length === 0 ? undefined : await this.#counts()
    if (counts === undefined || counts.counted === this.#counted) return
    this.#counted = counts.counted
    const text = Buffer.from(eventText('counts', counts.data))
    for (const stream of wanting) stream.give(text)
  }

  async #giveFreshness(): Promise<void> {
    const data = await this.#freshness()
    const texts = new Map<unknown, Buffer>()
    for (const stream of [...this.#streams]) {
      const place = placeOf(stream)
      const text = texts.get(place) ?? Buffer.from(eventText('freshness', data, place))
      texts.set(place, text)
      stream.give(text)
    }
  }

  /** Undefined while the read models do not answer. */
  async #counts(): Promise<{ readonly data: string; readonly counted: string } | undefined> {
    const { models, definition, clock } = this.#sources
    const found = await models.stageCounts().catch(() => undefined)
    if (found === undefined) return undefined
    const stages = Object.fromEntries(definition.stages.map(({ id }) => [id, found.stages.get(id) ?? 0]))
    const answer: z.infer<typeof countsData> = { asOf: freshnessOf(found.asOf, clock.now()), total: found.total, stages }
    return { data: JSON.stringify(answer), counted: JSON.stringify(stages) }
  }

  async #freshness(): Promise<string> {
    const { models, clock } = this.#sources
    const asOf = await models.asOf().catch(() => Number.NEGATIVE_INFINITY)
    return JSON.stringify({ asOf: freshnessOf(asOf, clock.now()) } satisfies z.infer<typeof freshnessData>)
  }
}

/** Where a client continues that reads this far; a stream without outputs has no place. */
const placeOf = ({ order, cursor }: LiveStream) => (order.events.has('output') ? cursor : undefined)
