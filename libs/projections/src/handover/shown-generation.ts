import { pause } from '#runtime'
import type { Generation } from '../redis/model-keys.ts'
import type { RedisProjections } from '../redis/redis-projections.ts'

/** After how many polls at which nobody has fed the current generation it counts as abandoned: some 10 s. */
const ABANDONED_POLLS = 20

export interface ShownGenerationOptions {
  readonly generations: RedisProjections['generations']
  readonly generation: Generation
  /** Repeats while what fails may pass. */
  readonly retry: (work: () => Promise<void>) => Promise<void>
  /** How long to wait between two looks. */
  readonly pauseMs: number
}

/**
 * The place of one process among those that want their generation to be shown: the one that began last has it. So one that was asleep, or
 * filled for long, does not take it from one that has begun since.
 */
export class ShownGeneration {
  readonly #options: ShownGenerationOptions
  #turn = 0
  #shownAtBegin: string | undefined

  constructor(options: ShownGenerationOptions) {
    this.#options = options
  }

  /** To be called before the generation is filled. */
  async begin(): Promise<void> {
    const { generations, generation, retry } = this.#options
    await retry(async () => {
      this.#turn = await generations.takeTurn()
      this.#shownAtBegin = (await generations.current())?.name
      // Its name stands for the definition: a process that goes back to an earlier one meets what was dropped then.
      await generations.revive(generation)
    })
  }

  /**
   * Shows the generation and deletes what was shown before, also where that was broken off.
   * @returns false where another process has replaced this one since it began
   */
  async show(): Promise<boolean> {
    const { generations, generation, retry } = this.#options
    let before: Generation | undefined
    let isShown = true
    await retry(async () => {
      const current = await generations.current()
      if (current?.name !== generation.name) {
        isShown = this.#shownAtBegin !== generation.name && (await generations.switchTo(generation, this.#turn))
        if (isShown) before = current
        // The first that was fed is shown without a turn.
      } else if (current.turn === undefined) await generations.switchTo(generation, this.#turn)
      if (isShown && before !== undefined) await generations.drop(before)
    })
    return isShown
  }

  /** Says again and again that the generation is fed, until another is shown. */
  async hold(signal: AbortSignal): Promise<'stopped' | 'dropped'> {
    const { generations, generation, retry, pauseMs } = this.#options
    let isShown = true
    while (!signal.aborted) {
      await retry(async () => {
        isShown = await generations.hold(generation)
      })
      if (!isShown) return 'dropped'
      await pause(pauseMs, signal)
    }
    return 'stopped'
  }

  /** Ends when nobody feeds any more what is shown. */
  async untilAbandoned(signal: AbortSignal): Promise<void> {
    const { generations, retry, pauseMs } = this.#options
    let seen = ''
    let still = 0
    while (still < ABANDONED_POLLS && !signal.aborted) {
      await retry(async () => {
        const holds = await generations.holds().catch((failure: unknown) => {
          // A process that cannot ask has not seen that it stood still.
          still = 0
          throw failure
        })
        still = holds === seen ? still + 1 : 1
        seen = holds
      })
      await pause(pauseMs, signal)
    }
  }
}
