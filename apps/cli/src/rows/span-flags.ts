import { isEncoding, type RowsOptions } from '#sources'
import { type Complaints, readInstant } from '../complaints.ts'
import type { RowFlags } from './row-flags.ts'

/** Which rows take part by their time: from one instant up to another, which is left out. */
export function readSpan({ from: first, to: end }: RowFlags, complaints: Complaints): Pick<RowsOptions, 'from' | 'to'> {
  const from = readInstant('--from', first, complaints)
  const to = readInstant('--to', end, complaints)
  if (from !== undefined && to !== undefined && to <= from) complaints.add(`--to: expected a time after --from ${first}, found ${JSON.stringify(end)}.`)
  return { from, to }
}

/** The encoding of the input's text; undefined where none is given, or it is complained of. */
export function readEncoding({ encoding }: RowFlags, complaints: Complaints): string | undefined {
  if (encoding === undefined || isEncoding(encoding)) return encoding
  return complaints.add(`--encoding: expected an encoding such as utf-8, utf-16le, latin1 or windows-1252, found ${JSON.stringify(encoding)}.`)
}
