/** One setting of a file, with the number of its line. */
export interface SettingLine {
  readonly line: number
  readonly name: string
  readonly value: string
}

/** A line that is refused. */
export interface LineDefect {
  readonly line: number
  /** What is wrong, and what to do. */
  readonly defect: string
}

/** What {@link parseSettings} found. */
interface SettingsText {
  readonly settings: readonly SettingLine[]
  readonly defects: readonly LineDefect[]
}

const BYTE_ORDER_MARK = '\uFEFF'
/** No setting needs a longer line. */
const LINE_LENGTH_MAX = 4_096
/** A blank line, or a comment. */
const NOTHING = /^[ \t]*(#.*)?$/
/** NAME=value; only spaces and tabs may surround it. */
const SETTING = /^[ \t]*([A-Za-z_]\w{0,99})=(.*?)[ \t]*$/
/** A value without quotes: what a shell, or another reader of such files, could read in another way needs quotes. */
const PLAIN_VALUE = /^[^\s"'`#]*$/
/** In quotes, a value is taken as it is. A backslash, which some readers interpret, needs single quotes. */
const QUOTED_VALUE = /^(?:"([^"\\]*)"|'([^']*)')$/
/** Characters that nobody sees in an editor, apart from the tab. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u

/**
 * Reads the text of a file of settings. Each line is blank, a comment (#), or NAME=value, NAME="value" or NAME='value'. The value is exactly what is written there:
 * nothing continues on another line, nothing is replaced, and a comment has a line of its own. A byte order mark is allowed at the beginning of the file.
 */
export function parseSettings(text: string): SettingsText {
  const settings: SettingLine[] = []
  const defects: LineDefect[] = []
  const lineOf = new Map<string, number>()
  const lines = (text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text).split(/\r?\n/)
  for (const [at, content] of lines.entries()) {
    const line = at + 1
    const read = readLine(content)
    if (read === undefined) continue
    if ('defect' in read) {
      defects.push({ line, ...read })
      continue
    }
    const earlier = lineOf.get(read.name)
    if (earlier !== undefined) defects.push({ line, defect: `${read.name} is on line ${earlier} too; take one of them out` })
    else {
      settings.push({ line, ...read })
      lineOf.set(read.name, line)
    }
  }
  return { settings, defects }
}

/** @returns undefined where the line is blank or a comment */
function readLine(line: string): { readonly name: string; readonly value: string } | { readonly defect: string } | undefined {
  if (line.length > LINE_LENGTH_MAX) return { defect: `it is longer than ${LINE_LENGTH_MAX} characters; shorten the line` }
  if (CONTROL.test(line.replaceAll('\t', ''))) return { defect: 'it has a control character, which no editor shows; write the line again' }
  if (NOTHING.test(line)) return undefined
  const [, name, written] = SETTING.exec(line) ?? []
  if (name === undefined || written === undefined)
    return { defect: 'expected NAME=value on one line, such as RONDO_LOG_LEVEL=debug, with nothing before the name' }
  const value = readValue(written)
  if (value !== undefined) return { name, value }
  return {
    defect: `${name}: put a value with a space, a quote, a backslash or # between quotes, as in ${name}='a b' (double quotes if it has a single one, and no backslash then), and a comment on a line of its own`,
  }
}

/** @returns undefined where another reader could read another value */
function readValue(written: string): string | undefined {
  if (PLAIN_VALUE.test(written)) return written
  const [, double, single] = QUOTED_VALUE.exec(written) ?? []
  return double ?? single
}
