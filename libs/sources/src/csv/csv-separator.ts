import type { LineBatch } from '../text/lines.ts'
import { splitRecord } from './csv-records.ts'

const candidates = [',', ';', '\t', '|'] as const
/** The line `sep=;`, which spreadsheets write before the header. */
const SEPARATOR_LINE = /^"?sep=(.)"?\r?$/i

/** The separator of a CSV text, and its first lines without the one that names it. */
export interface Separated {
  readonly separator: string
  readonly lines: LineBatch
}

/**
 * Finds the separator: the given one, else that of a line `sep=;`, else the first of comma, semicolon, tab and bar with which
 * the header has all named columns, else the one with which it has the most columns.
 */
export function separatorOf(lines: LineBatch, columns: readonly string[], given: string | undefined): Separated {
  const first = lines.texts.findIndex((text) => text !== '' && text !== '\r')
  const named = SEPARATOR_LINE.exec(lines.texts[first] ?? '')?.[1]
  if (named !== undefined) return { separator: given ?? named, lines: { ...lines, texts: lines.texts.with(first, '') } }
  return { separator: given ?? likelySeparator(lines.texts[first] ?? '', columns), lines }
}

function likelySeparator(header: string, columns: readonly string[]): string {
  const text = header.replace(/\r$/, '')
  const splits = candidates.map((separator) => ({ separator, fields: splitRecord(text, separator) ?? [] }))
  const whole = splits.find(({ fields }) => columns.every((column) => fields.includes(column)))
  return (whole ?? splits.reduce((widest, split) => (split.fields.length > widest.fields.length ? split : widest))).separator
}
