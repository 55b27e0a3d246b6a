import { isNode, LineCounter, parseDocument } from 'yaml'
import { plainExpectation, RondoError, type SourceDefinition, sourceListSchema } from '#contracts'
import { readRegularFile, unreadableReason } from '#runtime'
import { defectOfTimes } from '#sources'

/** A list of sources is far smaller. */
const FILE_BYTES_MAX = 1_048_576

/**
 * The sources that a file in YAML or JSON names.
 * @throws RondoError RONDO_SOURCES_INVALID with all defects, a line each
 */
export function readSourceFile(file: string): SourceDefinition[] {
  return sourcesOf(readText(file), file)
}

/** As {@link readSourceFile}. @param file its name in the defects */
export function sourcesOf(text: string, file: string): SourceDefinition[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, schema: 'core', merge: false, logLevel: 'silent' })
  const at = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  if (document.errors.length > 0) throw invalid(document.errors.map(({ pos, message }) => `${at(pos[0])}: this is not YAML: ${message}`))
  const { data, error } = sourceListSchema.safeParse(document.toJS(), { reportInput: true, error: plainExpectation })
  if (data !== undefined) {
    const defects = data.sources.flatMap((source, index) => {
      const defect = defectOfTimes(source)
      return defect === undefined ? [] : [`${at(offsetOf(document, ['sources', index, defect.key]))}: sources.${index}.${defect.key}: ${defect.reason}`]
    })
    if (defects.length > 0) throw invalid(defects)
    return data.sources
  }
  throw invalid(error?.issues.map(({ path, message }) => `${at(offsetOf(document, path))}: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`) ?? [])
}

type Document = ReturnType<typeof parseDocument>

/** The offset of the nearest node that exists: a missing one has no place. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node)) return node.range?.[0]
  }
  return document.contents?.range?.[0]
}

function invalid(defects: readonly string[]): RondoError {
  return new RondoError('RONDO_SOURCES_INVALID', `The sources have ${defects.length === 1 ? 'a defect' : 'defects'}:\n${defects.join('\n')}\n`)
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readRegularFile(file, { bytesMax: FILE_BYTES_MAX }))
  } catch (cause) {
    throw new RondoError('RONDO_SOURCES_INVALID', `The file of sources ${file} cannot be read: ${unreadableReason(cause)}.`, { cause })
  }
}
