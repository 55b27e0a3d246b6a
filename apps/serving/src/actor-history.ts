import { z } from 'zod'
import { formatInstant, RondoError } from '#contracts'
import type { ActorStage, ReadModels, Receipt, Words } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf } from './freshness.ts'
import { cursorParameter, readQuery, wholeNumber } from './query.ts'

const querySchema = z.strictObject({ before: cursorParameter.optional(), limit: wholeNumber(1, 500).default(50) })

/** Where an actor is, since when, and every output that says why, newest first. */
export class ActorHistory {
  readonly #words: Words
  readonly #models: ReadModels
  readonly #clock: Clock

  constructor(words: Words, models: ReadModels, clock: Clock) {
    this.#words = words
    this.#models = models
    this.#clock = clock
  }

  /** `next` is the cursor to ask for what came `before`; null at the end. `stage` is null where every transition was taken back. */
  async of(type: string, id: string, query: unknown) {
    const { before, limit } = readQuery(querySchema, query)
    const actor = { type, id }
    const [present, receipts, { asOf }] = await Promise.all([
      this.#models.actor(actor),
      this.#models.history(actor, { most: limit, ...(before === undefined ? {} : { before }) }),
      this.#models.stageCounts(),
    ])
    if (present === undefined && receipts.length === 0 && before === undefined) throw new RondoError('RONDO_NOT_FOUND', `There is no ${type} ${id} here.`)
    return {
      actor,
      asOf: freshnessOf(asOf, this.#clock.now()),
      ...this.#standing(present),
      history: receipts.map((receipt) => this.#told(receipt)),
      next: receipts.length < limit ? null : (receipts.at(-1)?.cursor ?? null),
    }
  }

  #standing(present: ActorStage | undefined) {
    if (present === undefined) return { stage: null, title: null, since: null }
    return { stage: present.stage, title: this.#words.stage(present.stage), since: formatInstant(present.since) }
  }

  #told(receipt: Receipt) {
    return { ...receipt, words: this.#words.sentence(receipt.output), grounds: this.#words.grounds(receipt.output) }
  }
}
