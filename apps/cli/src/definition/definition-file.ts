import { type CycleDefinition, RondoError } from '#contracts'
import { type Defect, readDefinition } from '#cycle'
import { readRegularFile } from '#runtime'
import { errnoOf, fileReason } from '../failure.ts'

/** A definition is far smaller, also with hundreds of scenarios. */
const DEFINITION_BYTES_MAX = 1_048_576

/** A definition that was read from a file, with all defects of the file. */
export interface DefinitionFile {
  readonly path: string
  /** Undefined if the file has errors. */
  readonly definition: CycleDefinition | undefined
  readonly defects: readonly Defect[]
}

/** @throws RondoError RONDO_DEFINITION_UNREADABLE if the file is missing, is not a regular file, is too large or is not text. */
export function readDefinitionFile(path: string): DefinitionFile {
  return { path, ...readDefinition(readText(path), path) }
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readRegularFile(path, { bytesMax: DEFINITION_BYTES_MAX }))
  } catch (error) {
    const reason = errnoOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : fileReason(error)
    throw new RondoError('RONDO_DEFINITION_UNREADABLE', `The definition ${path} cannot be read: ${reason}.`, { cause: error })
  }
}
