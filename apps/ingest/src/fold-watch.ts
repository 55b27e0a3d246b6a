import type { FoldProgress, KafkaProgress } from '#event-log'

/** How far the processors are, as it was found at the last look. Nobody waits for it: where it cannot be found, nothing is known. */
export class FoldWatch {
  readonly #progress: Pick<KafkaProgress, 'folded' | 'close'>
  #folded: readonly (FoldProgress | undefined)[] = []
  #looking: Promise<void> | undefined

  constructor(progress: Pick<KafkaProgress, 'folded' | 'close'>) {
    this.#progress = progress
  }

  /** What the last look has found; begins the next one. */
  look(): readonly (FoldProgress | undefined)[] {
    this.#looking ??= this.#find()
    return this.#folded
  }

  async close(): Promise<void> {
    await this.#progress.close()
  }

  async #find(): Promise<void> {
    this.#folded = await this.#progress.folded().catch(() => [])
    this.#looking = undefined
  }
}
