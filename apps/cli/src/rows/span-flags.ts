import { isEncoding, type RowsOptions } from '#sources'
import { type ArgumentDefects, readInstant } from '../argument-defects.ts'
import type { RowFlags } from './row-flags.ts'

/** The span of time from which rows are used: from `--from` to before `--to`. */
export function readSpan({ from: first, to: end }: RowFlags, defects: ArgumentDefects): Pick<RowsOptions, 'from' | 'to'> {
  const from = readInstant('--from', first, defects)
  const to = readInstant('--to', end, defects)
  if (from !== undefined && to !== undefined && to <= from) defects.add(`--to: expected a time after --from ${first}, found ${JSON.stringify(end)}.`)
  return { from, to }
}

/** The encoding of the input's text; undefined if none is given, or if it is unknown. */
export function readEncoding({ encoding }: RowFlags, defects: ArgumentDefects): string | undefined {
  if (encoding === undefined || isEncoding(encoding)) return encoding
  return defects.add(`--encoding: expected an encoding such as utf-8, utf-16le, latin1 or windows-1252, found ${JSON.stringify(encoding)}.`)
}
