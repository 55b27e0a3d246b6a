import type { Feed } from '#event-log'
import { pause } from '#runtime'
import type { Rebuild } from '../models/read-model.ts'
import type { GenerationModels, ModelBehind } from '../redis/generation-models.ts'

/** The models that are rebuilt, and the feeds they are made from. */
export interface ModelRebuildingOptions {
  readonly models: GenerationModels
  /** One feed for each partition, by the partition's number. */
  readonly feeds: readonly Pick<Feed, 'read'>[]
  readonly onRebuild: (rebuild: Rebuild) => void
  /** Repeats `work` while its failures are retriable. */
  readonly retry: (work: () => Promise<void>) => Promise<void>
  /** The time between two checks for models that are behind. */
  readonly pauseMs: number
}

/** Progress is reported each time the percentage has passed another multiple of this number. */
const PERCENT_STEP = 10

/**
 * Rebuilds the read models of a generation that are behind, one after the other, while the projectors continue. Then it deletes the models
 * that this release does not keep. It repeats the check, because a Redis that has lost its newest writes may have lost the end of a rebuild.
 */
export class ModelRebuilding {
  readonly #options: ModelRebuildingOptions
  /** The last report about each model that is being rebuilt, by the model's name. */
  readonly #reported = new Map<string, { readonly rebuild: Rebuild; readonly percent: number }>()

  constructor(options: ModelRebuildingOptions) {
    this.#options = options
  }

  /** Ends with `dropped` if another release now keeps its models in this generation, or if the generation was deleted. */
  async run(signal: AbortSignal): Promise<'stopped' | 'dropped'> {
    const { models, retry, pauseMs } = this.#options
    let isCleared = false
    try {
      while (!signal.aborted) {
        let behind: readonly ModelBehind[] | undefined
        await retry(async () => {
          behind = await models.modelsBehind()
        })
        if (signal.aborted) return 'stopped'
        if (behind === undefined) return 'dropped'
        this.#report(behind)
        const [next] = behind
        if (next !== undefined) await retry(() => models.makePart(next, this.#feedOf(next)))
        else if (!isCleared) await retry(() => models.deleteOldModels())
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
    const previous = this.#reported.get(name)
    if (previous !== undefined && percent <= previous.percent) return
    const rebuild = { model: name, version: parts[0]?.model.version ?? 0 }
    const state = previous === undefined ? 'started' : 'running'
    const reported: Rebuild = { ...rebuild, state, ...(state === 'running' ? { percent } : {}) }
    this.#reported.set(name, { rebuild: reported, percent })
    this.#options.onRebuild(reported)
  }
}
