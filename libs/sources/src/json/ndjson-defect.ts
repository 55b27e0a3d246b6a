import { splitRecord } from '../csv/csv-records.ts'

const BOM = '\uFEFF'
/** The beginning of an array of events. It does not match a line of a log file, such as "[INFO] …". */
const ARRAY = /^\[\s*(?:\{|$)/
/** The beginning of objects and arrays of them, which no header of a CSV file has. */
const JSON_BEGIN = /^\s*(?:\{\s*(?:"|$)|\[\s*(?:\{|$))/
const MARKUP = /^<[!?a-z]/i
const SEPARATORS = [',', ';', '\t', '|'] as const
/** How much of a line a message shows. */
const SHOWN_LENGTH_MAX = 60

/** What a reader of CSV advises, by the options of the command. */
export const CSV_BY_OPTIONS = { markup: ', or CSV with --csv', csv: 'Add --csv with --actor COLUMN and --time COLUMN.' }
/** What a reader of NDJSON alone advises. */
export const CSV_BY_COMMAND = { markup: '', csv: 'Expected NDJSON, one JSON object a line; rondo import --csv reads CSV.' }

/**
 * The reason why a text as a whole is not NDJSON, with advice; it is reported once instead of for each line. Undefined if the lines can be
 * read one by one.
 * @param texts the first lines of the text; the first line is not blank
 * @param advice for a text that is CSV
 */
export function ndjsonDefect(texts: readonly string[], advice: typeof CSV_BY_OPTIONS): string | undefined {
  const lines = texts.map((text) => text.trim()).filter((text) => text !== '')
  const [first = '', second = ''] = lines
  if (ARRAY.test(first)) return "is a JSON array; expected NDJSON, one JSON object a line. Convert it first, such as with jq -c '.[]'."
  if (first === '{' && second.startsWith('"'))
    return 'is JSON in which an object takes several lines; expected NDJSON, one JSON object a line. Convert it first, such as with jq -c .'
  if (lines.some((text) => text.startsWith('{'))) return undefined
  if (MARKUP.test(first)) return `is HTML or XML; expected NDJSON, one JSON object a line${advice.markup}.`
  return isCsv(lines) ? `looks like CSV; its first line is ${lineText(first)}. ${advice.csv}` : undefined
}

/** Whether the header line of a CSV file is the beginning of JSON. */
export const beginsAsJson = (text: string): boolean => JSON_BEGIN.test(text)

/** Whether one separator divides all lines into the same number of fields, at least two. */
function isCsv(lines: readonly string[]): boolean {
  const [header = '', next = header] = lines
  return SEPARATORS.some((separator) => {
    const fields = splitRecord(header, separator)?.length ?? 1
    return fields > 1 && splitRecord(next, separator)?.length === fields
  })
}

const lineText = (text: string): string => JSON.stringify(text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text)

/** The reason why a line is not JSON, if it is clearer than the message of the JSON parser; undefined otherwise. */
export function lineDefect(text: string): string | undefined {
  return text.startsWith(BOM)
    ? 'expected JSON, found a byte order mark (U+FEFF) in front of it, as where files were joined: remove it from the file'
    : undefined
}
