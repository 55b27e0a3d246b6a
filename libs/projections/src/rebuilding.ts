import { RondoError } from '#contracts'
import type { Rebuild } from './models/read-model.ts'

/** The read models whose rebuild was reported to this process and is not finished. */
export class Rebuilds {
  readonly #models = new Set<string>()

  /** Takes a report of a rebuild into account. */
  record({ model, state }: Rebuild): void {
    if (state === 'ready' || state === 'stopped') this.#models.delete(model)
    else this.#models.add(model)
  }

  get models(): Iterable<string> {
    return this.#models
  }
}

/** The line of the process log about a rebuild. */
export function rebuildText({ model, version, state, percent }: Rebuild): string {
  if (state === 'running') return `The read model ${model} is being rebuilt, in version ${version}: ${percent ?? 0} % of the feed are done.`
  if (state === 'stopped') return `This process no longer rebuilds the read model ${model}: another release keeps it now, or the process ends.`
  if (state === 'ready') return `The read model ${model} has been rebuilt, in version ${version}, and answers.`
  return `The read model ${model} is being rebuilt from the feed, in version ${version}. Until it is complete, requests for it are refused with 503; all else continues.`
}

/** The error for a question to a read model that is not complete. */
export function beingRebuilt(model: string): RondoError {
  const message = `The read model ${model} is being rebuilt from the feed, since this release has changed it. The others answer; ask again later.`
  return new RondoError('RONDO_MODELS_UNAVAILABLE', message, { retriable: true })
}
