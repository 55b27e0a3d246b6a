import { HISTORIES_VERSION, readModels } from '../models/projection.ts'
import type { ReadModel } from '../models/read-model.ts'

/** The models of generations whose name says nothing of them: those of Redis stores that are in use. */
const UNNAMED = 'histories1-stage-counts1-stage-members1-flows1'

/**
 * Names a generation after what is projected and the version of each read model: a release that changes one fills another generation, and
 * never writes over what the release before it wrote and still shows.
 */
export function generationName(
  parts: readonly (string | number)[],
  models: readonly Pick<ReadModel, 'name' | 'version'>[] = readModels,
  historiesVersion = HISTORIES_VERSION,
): string {
  const versions = [`histories${historiesVersion}`, ...models.map(({ name, version }) => `${name}${version}`)].join('-')
  return [...parts, ...(versions === UNNAMED ? [] : [versions])].join('-').replaceAll(/[^A-Za-z0-9_-]/g, '_')
}
