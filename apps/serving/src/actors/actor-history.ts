import { z } from 'zod'
import { type Actor, actorSchema, formatInstant, ID_BYTES_MAX, idSchema, instantOf, instantSchema, outputSchema, RondoError } from '#contracts'
import type { ActorStage, Narration, ReadModels, Receipt } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'
import { momentHead, momentOf } from '../answers/moment.ts'
import { cursorParameter, cycleParameter, readQuery, timeParameter, wholeNumber } from '../answers/query.ts'
import type { ActorSearch } from './actor-search.ts'
import { type Effect, isTransition, outputsInEffect } from './outputs-in-effect.ts'

export const historyQuery = z.strictObject({
  at: timeParameter.optional(),
  'known-at': timeParameter.optional(),
  before: cursorParameter.optional(),
  limit: wholeNumber(1, 500).default(50),
  cycle: cycleParameter,
})
const text = z
  .string({ error: 'expected the id of an actor, once' })
  .pipe(idSchema)
  .meta({ wire: { type: 'string', minLength: 1, maxLength: ID_BYTES_MAX } })
export const namedQuery = historyQuery.extend({ type: text.optional(), id: text })

const receiptSchema = z.strictObject({ cursor: z.number(), output: outputSchema, retracted: z.boolean(), words: z.string(), grounds: z.array(z.string()) })
export const historyAnswer = z.strictObject({
  actor: actorSchema,
  asOf: freshnessSchema,
  ...momentHead,
  stage: z.string().nullable(),
  title: z.string().nullable(),
  since: instantSchema.nullable(),
  history: z.array(receiptSchema),
  next: z.number().nullable(),
})

/** Which part of a history is asked for. */
type PageOfHistory = Pick<z.infer<typeof historyQuery>, 'before' | 'limit'>
/** The same, and as of when. */
type AskedHistory = Omit<z.infer<typeof namedQuery>, 'type' | 'id' | 'cycle'>

/** The stage of an actor, since when, and its outputs with their reasons, newest first. */
export class ActorHistory {
  readonly #narration: Narration
  readonly #models: ReadModels
  readonly #clock: Clock
  readonly #search: ActorSearch

  constructor(narration: Narration, models: ReadModels, { clock, search }: { clock: Clock; search: ActorSearch }) {
    this.#narration = narration
    this.#search = search
    this.#models = models
    this.#clock = clock
  }

  /** `next` is the cursor for the outputs `before`; null at the end. `stage` is null if every transition was retracted. */
  async pageOf(type: string, id: string, query: unknown) {
    return this.#page({ type, id }, readQuery(historyQuery, query))
  }

  /** The same, with the actor's `id` in the query, and its `type` unless it is that of the cycle. */
  async named(query: unknown) {
    const { type = this.#search.actorType, id, ...page } = readQuery(namedQuery, query)
    return this.#page({ type, id }, page)
  }

  async #page(actor: Actor, { at, 'known-at': knownAt, before, limit }: AskedHistory): Promise<z.infer<typeof historyAnswer>> {
    if (!actorSchema.safeParse(actor).success) throw new RondoError('RONDO_NOT_FOUND', 'No actor has this type and id: each is a text of 1 to 256 bytes.')
    const page = { before, limit }
    return await (at === undefined && knownAt === undefined ? this.#present(actor, page) : this.#past(actor, { at, knownAt }, page))
  }

  async #present(actor: Actor, { before, limit }: PageOfHistory): Promise<z.infer<typeof historyAnswer>> {
    const read = () => this.#read(actor, { before, limit })
    let [present, receipts, asOf] = await read()
    if (present === undefined && receipts.length === 0 && before === undefined) {
      const answer = await this.#search.describe(actor)
      // The first read may have missed outputs that were folded before the search.
      ;[present, receipts, asOf] = await read()
      if (present === undefined && receipts.length === 0) throw new RondoError('RONDO_NOT_FOUND', answer)
    }
    return {
      actor,
      asOf: freshnessOf(asOf, this.#clock.now()),
      ...momentOf({}),
      ...this.#stageOf(present),
      history: receipts.map((receipt) => this.#receiptOf(receipt)),
      next: receipts.length < limit ? null : (receipts.at(-1)?.cursor ?? null),
    }
  }

  /** The stage at another moment, and the outputs that were in effect then. */
  async #past(actor: Actor, effect: Effect, { before, limit }: PageOfHistory): Promise<z.infer<typeof historyAnswer>> {
    if ((await this.#models.history(actor, { limit: 1 })).length === 0) throw new RondoError('RONDO_NOT_FOUND', await this.#search.describe(actor))
    const asOf = await this.#models.asOf()
    const { present, receipts } = await pastPage(outputsInEffect(this.#models, actor, effect), { before, limit })
    const shown = receipts.slice(0, limit)
    return {
      actor,
      asOf: freshnessOf(asOf, this.#clock.now()),
      ...momentOf(effect),
      ...this.#stageOf(present),
      history: shown.map((receipt) => this.#receiptOf(receipt)),
      next: receipts.length > limit ? (shown.at(-1)?.cursor ?? null) : null,
    }
  }

  #read(actor: Actor, { before, limit }: PageOfHistory) {
    return Promise.all([this.#models.actor(actor), this.#models.history(actor, { limit, ...(before === undefined ? {} : { before }) }), this.#models.asOf()])
  }

  #stageOf(present: ActorStage | undefined) {
    if (present === undefined) return { stage: null, title: null, since: null }
    return { stage: present.stage, title: this.#narration.stage(present.stage), since: formatInstant(present.since) }
  }

  #receiptOf(receipt: Receipt) {
    return { ...receipt, words: this.#narration.sentence(receipt.output), grounds: this.#narration.explanation(receipt.output) }
  }
}

/** The newest transition, and the outputs of a page with one more, which says that there is a next page. */
async function pastPage(outputs: AsyncIterable<Receipt>, { before = Number.POSITIVE_INFINITY, limit }: PageOfHistory) {
  const receipts: Receipt[] = []
  let present: ActorStage | undefined
  for await (const receipt of outputs) {
    const { output, cursor } = receipt
    if (present === undefined && isTransition(output)) present = { stage: output.to, since: instantOf(output.at) }
    if (cursor < before && receipts.length <= limit) receipts.push(receipt)
    if (present !== undefined && receipts.length > limit) break
  }
  return { present, receipts }
}
