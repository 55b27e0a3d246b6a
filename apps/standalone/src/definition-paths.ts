import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'

/** The folder of the package. */
export const packageFolder = dirname(findPackageJSON(import.meta.url) as string)

/** The paths of the definitions: those that are named, or the cycle that comes with Rondo. */
export const definitionPaths = (named: readonly string[] = []): readonly string[] =>
  named.length > 0 ? named : [join(packageFolder, 'deploy', 'cycles', 'shopper.yaml')]
