import { pause } from '#runtime'
import type { Generation } from '../redis/model-keys.ts'
import type { RedisProjections } from '../redis/redis-projections.ts'

/** The current generation counts as abandoned when no process has fed it during so many polls: 10 s, since the handover polls twice a second. */
const ABANDONED_POLLS = 20

/** The generation of one process, and the Redis in which it is shown. */
export interface ShownGenerationOptions {
  readonly generations: RedisProjections['generations']
  readonly generation: Generation
  /** Repeats `work` while its failures are retriable. */
  readonly retry: (work: () => Promise<void>) => Promise<void>
  /** The time between two polls. */
  readonly pauseMs: number
}

/**
 * Shows the generation of one process. Of several processes that want to show their generation, the one that began last does. So a process
 * that was paused, or needed long to fill its generation, does not replace a generation that began later.
 */
export class ShownGeneration {
  readonly #options: ShownGenerationOptions
  /** The number that {@link begin} took; the larger one wins. */
  #turn = 0
  /** The name of the generation that was shown when this process began. */
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
      // The name depends on the definition. A process that returns to an earlier definition finds the generation that was dropped then.
      await generations.revive(generation)
    })
  }

  /**
   * Shows the generation and deletes the one that was shown before. May be repeated after an interruption.
   * @returns false if another process has replaced this one since it began
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
        // The first generation of a Redis is shown when its feeding begins, without a turn.
      } else if (current.turn === undefined) await generations.switchTo(generation, this.#turn)
      if (isShown && before !== undefined) await generations.drop(before)
    })
    return isShown
  }

  /** Reports at each poll that the generation is fed, until another generation is shown: then it ends with `dropped`. */
  async reportFeeding(signal: AbortSignal): Promise<'stopped' | 'dropped'> {
    const { generations, generation, retry, pauseMs } = this.#options
    let isShown = true
    while (!signal.aborted) {
      await retry(async () => {
        isShown = await generations.reportFed(generation)
      })
      if (!isShown) return 'dropped'
      await pause(pauseMs, signal)
    }
    return 'stopped'
  }

  /** Resolves when no process feeds the current generation any more. */
  async untilAbandoned(signal: AbortSignal): Promise<void> {
    const { generations, retry, pauseMs } = this.#options
    let lastReports = ''
    let unchangedPolls = 0
    while (unchangedPolls < ABANDONED_POLLS && !signal.aborted) {
      await retry(async () => {
        const reports = await generations.feedReports().catch((failure: unknown) => {
          // A poll that failed does not show whether the number of reports was unchanged.
          unchangedPolls = 0
          throw failure
        })
        unchangedPolls = reports === lastReports ? unchangedPolls + 1 : 1
        lastReports = reports
      })
      await pause(pauseMs, signal)
    }
  }
}
