import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLParseError } from 'yaml'
import type { Path } from './defect.ts'
import { plainValue } from './plain-value.ts'
import { createReport, type Places, type Report, type Spot } from './report.ts'

/** The largest file that is read: far larger than any definition. */
const BYTES_MAX = 1_000_000

/** Syntax errors that do not change the structure of the data: the checks continue after them. */
const HARMLESS = new Set(['BAD_DQ_ESCAPE', 'NON_STRING_KEY', 'TAG_RESOLVE_FAILED'])
/** One wrong indentation causes an error on each line after it; the first errors are enough. */
const SYNTAX_ERRORS_MAX = 20

/** A file of YAML that was read. */
export interface YamlSource {
  /** The file as plain data. */
  readonly value: unknown
  /** False if the syntax is so broken that checks of the data would only report consequences of it. */
  readonly readable: boolean
  readonly report: Report
}

/** Reads YAML (and so JSON) into plain data; `report` finds the place of each value in the text. Never throws. */
export function readYaml(text: string, file: string): YamlSource {
  const position = positions(text)
  const unreadable = (message: string): YamlSource => {
    const report = createReport(file, { offsetOf: () => 0, position })
    report.errorAt(0, message)
    return { value: undefined, readable: false, report }
  }
  if (Buffer.byteLength(text) > BYTES_MAX) return unreadable(`the file is too large: expected a definition of at most ${BYTES_MAX / 1e6} MB`)
  const document = parse(text)
  if (document === undefined) return unreadable('the file is nested too deeply to be read')
  if (document.contents === null)
    return unreadable(document.errors[0]?.message ?? 'the file is empty: expected a cycle definition (cycle, version, actor, stages, signals, transitions)')

  const targets = new Map<Node, Node>()
  const report = createReport(file, { offsetOf: (path, at) => findOffset(document.contents, targets, path, at), position } satisfies Places)
  for (const error of document.errors.slice(0, SYNTAX_ERRORS_MAX)) report.errorAt(error.pos[0], syntaxMessage(error))
  for (const warning of document.warnings) report.warningAt(warning.pos[0], warning.message)
  if (document.errors.some((error) => !HARMLESS.has(error.code))) return { value: undefined, readable: false, report }
  const { value, readable } = plainValue(document.contents, targets, report)
  return { value, readable, report }
}

function syntaxMessage({ code, message }: YAMLParseError): string {
  if (code === 'NON_STRING_KEY') return 'expected text as a key, got a list or a map'
  if (code === 'MULTIPLE_DOCS') return 'expected one definition in a file; put the text after this --- into another file'
  if (message.startsWith('Alias cannot be an empty'))
    return 'a * without a name is not an alias; for the text, such as a pattern for every event, write it in quotes: "*"'
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
    // The parser is recursive: many open brackets exhaust the stack. It reports this as a syntax error or throws it, depending on the place.
    return document.errors.some((error) => error.message.includes('call stack')) ? undefined : document
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * Line and column of an offset. An offset behind the text gives the last place that is not blank.
 * Not taken from the library, whose line counter misses line breaks inside some of its errors.
 */
function positions(text: string): Places['position'] {
  const lines = text.split('\n')
  const starts = lines.map(() => 0)
  for (const [index, line] of lines.entries()) starts[index + 1] = (starts[index] ?? 0) + line.length + 1
  const end = Math.max(0, text.trimEnd().length - 1)
  return (offset) => {
    const bounded = Math.max(0, Math.min(offset, end))
    const line = lastNotAbove(starts, bounded)
    return { line: line + 1, column: bounded - (starts[line] ?? 0) + 1 }
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

/** The offset of the value at a path; if a key of the path is missing, the offset of the map or list that should have it. */
function findOffset(root: Node | null, targets: ReadonlyMap<Node, Node>, path: Path, at: Spot): number {
  let entry: Entry = { value: root }
  for (const [index, step] of path.entries()) {
    const inner = childOf(entry.value, targets, step)
    if (inner === undefined) return entryOffset(entry, 'key')
    if (index === path.length - 1) return entryOffset(inner, at)
    entry = inner
  }
  return entryOffset(entry, at)
}

/** An entry of a map or a list; entries of a list have no key. */
interface Entry {
  readonly key?: Node
  readonly value: Node | null
}

// An empty value ("absence:" without a value) has no place in the text; the place of its key is used.
function entryOffset({ key, value }: Entry, at: Spot): number {
  const empty = isScalar(value) && value.range?.[0] === value.range?.[1]
  const [first, second] = at === 'key' || empty ? [key, value] : [value, key]
  return (first ?? second)?.range?.[0] ?? 0
}

function childOf(parent: Node | null, targets: ReadonlyMap<Node, Node>, step: string | number): Entry | undefined {
  const node = isAlias(parent) ? targets.get(parent) : parent
  if (isSeq(node)) {
    const item = node.items[Number(step)] as Node | undefined
    return item && { value: item }
  }
  if (!isMap(node)) return undefined
  return (node.items as Pair<Node, Node | null>[]).find((item) => isScalar(item.key) && String(item.key.value) === String(step))
}
