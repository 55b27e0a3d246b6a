import type { Output } from '#contracts'
import type { FeedRecord } from '#event-log'

/** A feed that is followed: that of a cycle in one partition. `cycle` is empty if the reactor knows no definition. */
export interface FollowedFeed {
  readonly cycle: string
  readonly partition: number
}

/** What was counted of a feed, with the cursor of the last output. */
interface Tally {
  cursor: number
  outputs: number
  readonly kinds: Record<string, number>
}

/** Counts the outputs of each feed, by kind. */
export class FeedTally {
  readonly #feeds: readonly FollowedFeed[]
  readonly #tallies = new Map<number, Tally>()

  constructor(feeds: readonly FollowedFeed[]) {
    this.#feeds = feeds
  }

  /** Counts a page; records that were counted before are skipped. @param number that of the feed in the list, from 0 */
  countPage(number: number, page: readonly FeedRecord[]): void {
    const tally = this.#tallies.get(number) ?? { cursor: 0, outputs: 0, kinds: {} }
    this.#tallies.set(number, tally)
    for (const { cursor, output } of page) {
      if (cursor <= tally.cursor) continue
      const { kind } = JSON.parse(output) as Output
      tally.cursor = cursor
      tally.outputs += 1
      tally.kinds[kind] = (tally.kinds[kind] ?? 0) + 1
    }
  }

  get feeds(): readonly FollowedFeed[] {
    return this.#feeds
  }

  /** What was counted, of the feeds of which a page was read. */
  get partitions() {
    return this.#feeds.flatMap((feed, number) => {
      const tally = this.#tallies.get(number)
      return tally === undefined ? [] : [{ ...feed, ...tally }]
    })
  }
}
