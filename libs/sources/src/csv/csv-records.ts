import { invalidRow, Refusal } from '../rows/refusal.ts'
import type { LineBatch } from '../text/lines.ts'

/** One record of a CSV text: its fields, or the reason why it is refused. */
export interface CsvRecord {
  /** The line in which it begins, from 1. */
  readonly line: number
  readonly fields: readonly string[] | Refusal
  readonly raw: string
}

/** The limit of a record in characters. If a field in quotes makes it longer, the closing quote is probably missing. */
export const RECORD_LENGTH_MAX = 65_536

const tooLong = new Refusal('RONDO_EVENT_TOO_LARGE', `expected a row of at most ${RECORD_LENGTH_MAX} characters`)

/** The code of a double quote. */
const QUOTE = 34

/** Whether a quote is open at the end of a text: with an odd number of quotes. An escaped quote is written as two. */
function isOpen(text: string): boolean {
  let open = false
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) open = !open
  return open
}

/** The index of the closing quote of the field that opens at `start`; -1 if there is none. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1)
  while (at !== -1 && text.charCodeAt(at + 1) === QUOTE) at = text.indexOf('"', at + 2)
  return at
}

/** The field that begins at `at`, and its end; undefined if there is a quote inside a field without quotes, or a quote is never closed. */
function readField(text: string, at: number, separator: string): { field: string; end: number } | undefined {
  if (text.charCodeAt(at) === QUOTE) {
    const close = closingQuote(text, at)
    return close === -1 ? undefined : { field: text.slice(at + 1, close).replaceAll('""', '"'), end: close + 1 }
  }
  const next = text.indexOf(separator, at)
  const end = next === -1 ? text.length : next
  const field = text.slice(at, end)
  return field.includes('"') ? undefined : { field, end }
}

/** The fields of a record by RFC 4180; undefined if its quotes do not follow RFC 4180. */
export function splitRecord(text: string, separator: string): string[] | undefined {
  if (!text.includes('"')) return text.split(separator)
  const fields: string[] = []
  for (let at = 0; ; at++) {
    const next = readField(text, at, separator)
    if (next === undefined) return undefined
    fields.push(next.field)
    at = next.end
    if (at === text.length) return fields
    if (text.charAt(at) !== separator) return undefined
  }
}

/**
 * Reads lines as CSV records (RFC 4180: quotes are doubled inside quotes, and line ends inside quotes belong to the field; empty lines are
 * skipped). If a quote is never closed, only its line is refused, and the lines after it are read again one by one. Common parsers read
 * everything up to the next quote as one field, so they are not used.
 */
export class CsvReader {
  #open: string[] = []
  #openLine = 0
  #openLength = 0
  readonly #separator: string

  /** @param separator of fields, one character */
  constructor(separator = ',') {
    this.#separator = separator
  }

  /** The records that these lines complete. */
  read(batch: LineBatch): CsvRecord[] {
    const records: CsvRecord[] = []
    for (const [at, text] of batch.texts.entries()) {
      const refusal = batch.refusals.get(at)
      if (refusal === undefined) this.#take(text, batch.first + at, records)
      else {
        while (this.#open.length > 0) this.#resume(records, 'a quote is opened and not closed')
        records.push({ line: batch.first + at, fields: refusal, raw: text })
      }
    }
    return records
  }

  /** The records that wait for a closing quote. */
  end(): CsvRecord[] {
    const records: CsvRecord[] = []
    while (this.#open.length > 0) this.#resume(records, 'a quote is opened and not closed before the end')
    return records
  }

  #take(text: string, line: number, records: CsvRecord[]): void {
    if (this.#open.length === 0) {
      if (text === '' || text === '\r') return
      if (isOpen(text)) this.#begin(text, line)
      else records.push(this.#complete(text, line))
      return
    }
    this.#open.push(text)
    this.#openLength += text.length + 1
    if (isOpen(text)) this.#close(records)
    else if (this.#openLength > RECORD_LENGTH_MAX) this.#resume(records, `a quote is opened and not closed within ${RECORD_LENGTH_MAX} characters`)
  }

  #close(records: CsvRecord[]): void {
    const record = this.#complete(this.#open.join('\n'), this.#openLine)
    if (record.fields instanceof Refusal) {
      this.#resume(records, 'a quote is opened and not closed')
      return
    }
    records.push(record)
    this.#open = []
  }

  #begin(text: string, line: number): void {
    this.#open = [text]
    this.#openLine = line
    this.#openLength = text.length
  }

  #complete(text: string, line: number): CsvRecord {
    const raw = text.endsWith('\r') ? text.slice(0, -1) : text
    if (raw.length > RECORD_LENGTH_MAX) return { line, fields: tooLong, raw }
    return {
      line,
      fields:
        splitRecord(raw, this.#separator) ??
        invalidRow('found a quote (") in the wrong place: a field that has one begins and ends with a quote, and quotes inside it are doubled'),
      raw,
    }
  }

  /** Refuses the line that opened the quote, and reads those after it again. */
  #resume(records: CsvRecord[], reason: string): void {
    const [first = '', ...others] = this.#open
    const line = this.#openLine
    this.#open = []
    records.push({ line, fields: invalidRow(reason), raw: first })
    for (const [at, text] of others.entries()) this.#take(text, line + 1 + at, records)
  }
}
