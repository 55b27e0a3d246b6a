import { HISTORIES, HISTORIES_VERSION } from '../models/projection.ts'
import { idOf, type ModelVersion } from './model-keys.ts'

/** What a state keeps that does not say so: it was made before this was noted. */
export const UNNOTED = 'flows@1 histories@1 stage-counts@1 stage-members@1'

/** How the state of a partition says which models are kept there, in which version: the same text for the same models in any order. */
export function keptText(models: readonly ModelVersion[], historiesVersion = HISTORIES_VERSION): string {
  return [{ name: HISTORIES, version: historiesVersion }, ...models].map(idOf).sort().join(' ')
}

/** @param stored what the state says; null where it says nothing */
export function isKept(stored: string | null, model: ModelVersion): boolean {
  return (stored ?? UNNOTED).split(' ').includes(idOf(model))
}
