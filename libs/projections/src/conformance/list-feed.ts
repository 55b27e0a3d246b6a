import fc from 'fast-check'
import type { Output } from '#contracts'
import type { Feed, FeedRecord } from '#event-log'
import { choice, FeedMaker } from './feed-maker.ts'

/** A feed in memory, with cursors that have gaps, as in Kafka. */
export class ListFeed implements Feed {
  readonly #maker = new FeedMaker()
  readonly #records: FeedRecord[] = []

  /** All outputs that were generated, in the order of their publication. */
  get published(): readonly Output[] {
    return this.#maker.feed
  }

  /** Adds some hundred outputs, which depend on the seed. */
  grow(seed: number): void {
    const choices = fc.sample(fc.array(choice, { minLength: 200, maxLength: 200 }), { seed, numRuns: 1 })[0] ?? []
    for (const output of choices.flatMap((next) => this.#maker.next(next))) this.add(output)
  }

  add(output: Output): void {
    this.#records.push({ cursor: 3 * this.#records.length + 3, output: JSON.stringify(output) })
  }

  async read(after: number, limit: number): Promise<FeedRecord[]> {
    const from = this.#records.findIndex(({ cursor }) => cursor > after)
    return from < 0 ? [] : this.#records.slice(from, from + limit)
  }

  async newest(limit: number): Promise<FeedRecord[]> {
    return this.#records.slice(-limit)
  }
}
