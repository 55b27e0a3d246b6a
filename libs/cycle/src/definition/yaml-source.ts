import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLParseError } from 'yaml'
import type { Path } from './defect.ts'
import { plainValue } from './plain-value.ts'
import { createReport, type Places, type Report, type Spot } from './report.ts'

const BYTES_MAX = 1_000_000

/** Syntax errors after which the structure is still what the author meant, so that the checks go on. */
const HARMLESS = new Set(['BAD_DQ_ESCAPE', 'NON_STRING_KEY', 'TAG_RESOLVE_FAILED'])
/** One slip of indentation makes an error of every line after it. */
const SYNTAX_ERRORS_MAX = 20

export interface YamlSource {
  /** The file as plain data. */
  readonly value: unknown
  /** False where the text is so broken that checking its data would only tell of consequences. */
  readonly sound: boolean
  readonly report: Report
}

/** Reads YAML (and so JSON) into plain data of which every part can be found again in the text. Never throws. */
export function readYaml(text: string, file: string): YamlSource {
  const position = positions(text)
  const unread = (message: string): YamlSource => {
    const report = createReport(file, { offsetOf: () => 0, position })
    report.errorAt(0, message)
    return { value: undefined, sound: false, report }
  }
  if (Buffer.byteLength(text) > BYTES_MAX) return unread(`the file is too large: expected a definition of at most ${BYTES_MAX / 1e6} MB`)
  const document = parse(text)
  if (document === undefined) return unread('the file is nested too deeply to be read')
  if (document.contents === null)
    return unread(document.errors[0]?.message ?? 'the file is empty: expected a cycle definition (cycle, version, actor, stages, signals, transitions)')

  const targets = new Map<Node, Node>()
  const report = createReport(file, { offsetOf: (path, at) => findOffset(document.contents, targets, path, at), position } satisfies Places)
  for (const error of document.errors.slice(0, SYNTAX_ERRORS_MAX)) report.errorAt(error.pos[0], syntaxMessage(error))
  for (const warning of document.warnings) report.warningAt(warning.pos[0], warning.message)
  if (document.errors.some((error) => !HARMLESS.has(error.code))) return { value: undefined, sound: false, report }
  const { value, sound } = plainValue(document.contents, targets, report)
  return { value, sound, report }
}

function syntaxMessage({ code, message }: YAMLParseError): string {
  if (code === 'NON_STRING_KEY') return 'expected text as a key, got a list or a map'
  if (code === 'MULTIPLE_DOCS') return 'expected one definition in a file; put what follows this --- into a file of its own'
  if (message.startsWith('Alias cannot be an empty')) return 'a * alone names no anchor; if the text is meant, such as for every event, write it in quotes: "*"'
  return `this is not YAML: ${message}`
}

function parse(text: string): Document.Parsed | undefined {
  try {
    const document = parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: true,
      schema: 'core',
      merge: false,
      logLevel: 'error',
    })
    // The parser is recursive: a file of brackets alone exhausts the stack, which it tells as a syntax error in one place and throws in another.
    return document.errors.some((error) => error.message.includes('call stack')) ? undefined : document
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * Line and column of an offset, kept inside the text: an error at its very end is shown at the last line that has any.
 * Counted here, since the library's own counter misses line breaks within some of its errors.
 */
function positions(text: string): Places['position'] {
  const lines = text.split('\n')
  const starts = lines.map(() => 0)
  for (const [index, line] of lines.entries()) starts[index + 1] = (starts[index] ?? 0) + line.length + 1
  const end = Math.max(0, text.trimEnd().length - 1)
  return (offset) => {
    const inside = Math.max(0, Math.min(offset, end))
    const line = lastNotAbove(starts, inside)
    return { line: line + 1, column: inside - (starts[line] ?? 0) + 1 }
  }
}

function lastNotAbove(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((ascending[middle] ?? 0) <= limit) low = middle
    else high = middle - 1
  }
  return low
}

/** The offset of what a path names; where the path ends early (a key is missing), of the nearest thing around it. */
function findOffset(root: Node | null, targets: ReadonlyMap<Node, Node>, path: Path, at: Spot): number {
  let entry: Entry = { value: root }
  for (const [index, step] of path.entries()) {
    const inner = child(entry.value, targets, step)
    if (inner === undefined) return entryOffset(entry, 'key')
    if (index === path.length - 1) return entryOffset(inner, at)
    entry = inner
  }
  return entryOffset(entry, at)
}

/** What a key or an index leads to; entries of a list have no key. */
interface Entry {
  readonly key?: Node
  readonly value: Node | null
}

// A value that was left out ("absence:" and nothing behind) has no place of its own; its key has.
function entryOffset({ key, value }: Entry, at: Spot): number {
  const empty = isScalar(value) && value.range?.[0] === value.range?.[1]
  const [first, second] = at === 'key' || empty ? [key, value] : [value, key]
  return (first ?? second)?.range?.[0] ?? 0
}

function child(parent: Node | null, targets: ReadonlyMap<Node, Node>, step: string | number): Entry | undefined {
  const node = isAlias(parent) ? targets.get(parent) : parent
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined
    return item && { value: item }
  }
  if (!isMap(node)) return undefined
  return (node.items as Pair<Node, Node | null>[]).find((item) => isScalar(item.key) && String(item.key.value) === String(step))
}
