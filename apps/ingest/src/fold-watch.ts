import type { FoldProgress, KafkaProgress } from '#event-log'

/** How far the processors are, as it was found at the last poll. No caller waits for it: where it cannot be found, nothing is known. */
export class FoldWatch {
  readonly #progress: Pick<KafkaProgress, 'folded' | 'close'>
  #folded: readonly (FoldProgress | undefined)[] = []
  #polling: Promise<void> | undefined

  constructor(progress: Pick<KafkaProgress, 'folded' | 'close'>) {
    this.#progress = progress
  }

  /** What the last poll has found; begins the next one. */
  poll(): readonly (FoldProgress | undefined)[] {
    this.#polling ??= this.#find()
    return this.#folded
  }

  async close(): Promise<void> {
    await this.#progress.close()
  }

  async #find(): Promise<void> {
    this.#folded = await this.#progress.folded().catch(() => [])
    this.#polling = undefined
  }
}
