import type { Output } from '#contracts'
import type { FeedRecord } from '#event-log'

/** Counts the outputs of the feed of each partition, by kind, with the cursor of the last one. */
export class FeedTally {
  readonly #partitions = new Map<number, { cursor: number; outputs: number; kinds: Record<string, number> }>()

  /** Counts a page; records that were counted before are skipped. */
  countPage(partition: number, page: readonly FeedRecord[]): void {
    const tally = this.#partitions.get(partition) ?? { cursor: 0, outputs: 0, kinds: {} }
    this.#partitions.set(partition, tally)
    for (const { cursor, output } of page) {
      if (cursor <= tally.cursor) continue
      const { kind } = JSON.parse(output) as Output
      tally.cursor = cursor
      tally.outputs += 1
      tally.kinds[kind] = (tally.kinds[kind] ?? 0) + 1
    }
  }

  get partitions() {
    return [...this.#partitions].sort(([a], [b]) => a - b).map(([partition, tally]) => ({ partition, ...tally }))
  }
}
