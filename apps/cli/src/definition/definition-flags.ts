import type { CycleDefinition } from '#contracts'
import { definitionFilesAt } from '#process'
import type { ArgumentDefects } from '../argument-defects.ts'
import type { DefinitionFile } from './definition-file.ts'
import { readDefinitionFlag } from './definition-flag.ts'

/** A definition that a repeated --definition names, with the defects of its file. */
interface NamedDefinition extends Pick<DefinitionFile, 'defects'> {
  readonly file: string
  readonly definition: CycleDefinition | undefined
}

/** The definitions of a repeated --definition, in its order; a folder stands for those in it. Their errors are added to the defects of the arguments. */
export function readDefinitionFlags(paths: readonly string[], defects: ArgumentDefects): NamedDefinition[] {
  const files = paths.flatMap((path) => defects.try(() => definitionFilesAt(path)) ?? [])
  return files.map((file) => {
    const content = readDefinitionFlag(file, defects)
    return { file, definition: content?.definition, defects: content?.defects ?? [] }
  })
}
