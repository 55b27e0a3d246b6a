import type { Feed } from '#event-log'
import { pause } from '#runtime'
import type { Rebuild } from '../models/read-model.ts'
import type { GenerationModels, ModelBehind } from '../redis/generation-models.ts'

export interface ModelRebuildingOptions {
  readonly models: GenerationModels
  /** Of each partition. */
  readonly feeds: readonly Pick<Feed, 'read'>[]
  readonly onRebuild: (rebuild: Rebuild) => void
  /** Repeats while what fails may pass. */
  readonly retry: (work: () => Promise<void>) => Promise<void>
  /** How long to wait between two looks. */
  readonly pauseMs: number
}

/** Progress is reported at each full step of these. */
const PERCENT_STEP = 10

/**
 * Makes the read models of a generation that are behind, one after the other, while its projectors go on; then deletes what no release keeps
 * any more. It looks again and again, since a Redis that has lost its newest writes may have lost the end of a rebuild.
 */
export class ModelRebuilding {
  readonly #options: ModelRebuildingOptions
  /** Of each model that is being made, what was reported last. */
  readonly #reported = new Map<string, { readonly rebuild: Rebuild; readonly percent: number }>()

  constructor(options: ModelRebuildingOptions) {
    this.#options = options
  }

  /** Ends with `dropped` where another release keeps its models here by now, or the generation is gone. */
  async run(signal: AbortSignal): Promise<'stopped' | 'dropped'> {
    const { models, retry, pauseMs } = this.#options
    let isCleared = false
    try {
      while (!signal.aborted) {
        let behind: readonly ModelBehind[] | undefined
        await retry(async () => {
          behind = await models.behind()
        })
        if (signal.aborted) return 'stopped'
        if (behind === undefined) return 'dropped'
        this.#report(behind)
        const [next] = behind
        if (next !== undefined) await retry(() => models.makePart(next, this.#feedOf(next)))
        else if (!isCleared) await retry(() => models.clear())
        else await pause(pauseMs, signal)
        isCleared = next === undefined
      }
      return 'stopped'
    } finally {
      for (const { rebuild } of this.#reported.values()) this.#options.onRebuild({ ...rebuild, state: 'stopped' })
    }
  }

  #feedOf({ partition }: ModelBehind): Pick<Feed, 'read'> {
    return this.#options.feeds[partition] as Pick<Feed, 'read'>
  }

  #report(behind: readonly ModelBehind[]): void {
    const byModel = Map.groupBy(behind, ({ model }) => model.name)
    for (const [name, { rebuild }] of this.#reported) {
      if (byModel.has(name)) continue
      this.#reported.delete(name)
      this.#options.onRebuild({ ...rebuild, state: 'ready' })
    }
    for (const [name, parts] of byModel) this.#reportOne(name, parts)
  }

  #reportOne(name: string, parts: readonly ModelBehind[]): void {
    const missing = parts.reduce((sum, { percent }) => sum + 100 - percent, 0) / this.#options.feeds.length
    const percent = Math.floor((100 - missing) / PERCENT_STEP) * PERCENT_STEP
    const before = this.#reported.get(name)
    if (before !== undefined && percent <= before.percent) return
    const rebuild = { model: name, version: parts[0]?.model.version ?? 0 }
    const state = before === undefined ? 'started' : 'running'
    const reported: Rebuild = { ...rebuild, state, ...(state === 'running' ? { percent } : {}) }
    this.#reported.set(name, { rebuild: reported, percent })
    this.#options.onRebuild(reported)
  }
}
