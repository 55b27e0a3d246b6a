import type { FoldTimes, GroupPositions } from '#event-log'

/** How far the processors are, as it was found at the last poll. No caller waits for it: where it cannot be found, nothing is known. */
export class FoldWatch {
  readonly #group: Pick<GroupPositions, 'folded' | 'close'>
  #folded: readonly (FoldTimes | undefined)[] = []
  #polling: Promise<void> | undefined

  constructor(group: Pick<GroupPositions, 'folded' | 'close'>) {
    this.#group = group
  }

  /** What the last poll has found; begins the next one. */
  poll(): readonly (FoldTimes | undefined)[] {
    this.#polling ??= this.#find()
    return this.#folded
  }

  async close(): Promise<void> {
    await this.#group.close()
  }

  async #find(): Promise<void> {
    this.#folded = await this.#group.folded().catch(() => [])
    this.#polling = undefined
  }
}
