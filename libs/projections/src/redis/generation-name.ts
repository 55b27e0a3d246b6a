import { HISTORIES_VERSION } from '../models/projection.ts'

/**
 * Names a generation after what is projected and the version of the histories, from which all read models are made: a release that changes
 * them fills another generation, and never writes over what the release before it wrote and still shows. Which version of each other model
 * is kept is noted inside of the generation.
 */
export function generationName(parts: readonly (string | number)[], historiesVersion = HISTORIES_VERSION): string {
  const named = historiesVersion === 1 ? parts : [...parts, `histories${historiesVersion}`]
  return named.join('-').replaceAll(/[^A-Za-z0-9_-]/g, '_')
}
