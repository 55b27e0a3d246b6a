import { HISTORIES, HISTORIES_VERSION } from '../models/projection.ts'
import { idOf, type ModelVersion } from './model-keys.ts'

/** The models of a partition whose state has no field `models`: it was written by a release that did not store them. */
export const MODELS_BEFORE_VERSIONS = 'flows@1 histories@1 stage-counts@1 stage-members@1'

/** The models of a partition with their versions, as its state has them in `models`: the same text for the same models in any order. */
export function keptText(models: readonly ModelVersion[], historiesVersion = HISTORIES_VERSION): string {
  return [{ name: HISTORIES, version: historiesVersion }, ...models].map(idOf).sort().join(' ')
}

/** Whether a partition keeps a model. @param stored the field `models` of its state; null if it has none */
export function isKept(stored: string | null, model: ModelVersion): boolean {
  return (stored ?? MODELS_BEFORE_VERSIONS).split(' ').includes(idOf(model))
}
