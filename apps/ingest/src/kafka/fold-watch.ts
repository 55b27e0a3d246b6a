import type { CycleTimes, FoldTimes } from '#event-log'

/** The positions of the processors at the last poll. No caller waits for a poll; after a failed poll the positions are unknown. */
export class FoldWatch {
  readonly #group: Pick<CycleTimes, 'foldTimes' | 'close'>
  #folded: readonly (FoldTimes | undefined)[] = []
  #polling: Promise<void> | undefined

  constructor(group: Pick<CycleTimes, 'foldTimes' | 'close'>) {
    this.#group = group
  }

  /** The result of the last poll; begins the next one. */
  poll(): readonly (FoldTimes | undefined)[] {
    this.#polling ??= this.#find()
    return this.#folded
  }

  async close(): Promise<void> {
    await this.#group.close()
  }

  async #find(): Promise<void> {
    this.#folded = await this.#group.foldTimes().catch(() => [])
    this.#polling = undefined
  }
}
