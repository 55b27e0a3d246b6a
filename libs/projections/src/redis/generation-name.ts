import { HISTORIES_VERSION } from '../models/projection.ts'

/**
 * The name of a generation: the parts name the feed, and the version of the histories follows. All read models are made from the histories,
 * so a release that changes them fills another generation and leaves the generation of the release before unchanged. The versions of the
 * other models are noted inside the generation.
 */
export function generationName(parts: readonly (string | number)[], historiesVersion = HISTORIES_VERSION): string {
  const named = historiesVersion === 1 ? parts : [...parts, `histories${historiesVersion}`]
  return named.join('-').replaceAll(/[^A-Za-z0-9_-]/g, '_')
}
