import { type CsvMapping, defectOfTimes } from '#sources'
import type { ArgumentDefects } from '../argument-defects.ts'
import type { RowFlags } from './row-flags.ts'

const CSV_ONLY = {
  actor: '--actor',
  time: '--time',
  recorded: '--recorded',
  id: '--id',
  event: '--event',
  eventColumn: '--event-column',
  property: '--property',
  where: '--where',
  timeFormat: '--time-format',
  timezone: '--timezone',
  delimiter: '--delimiter',
  decimalComma: '--decimal-comma',
} as const

/** Options that also apply to NDJSON of other systems. */
const WITH_MAP: readonly string[] = ['event', 'timeFormat', 'timezone']

/** Which column has which part of an event; undefined for NDJSON, or if the options have a defect. */
export function readCsvMapping(flags: RowFlags, defects: ArgumentDefects): CsvMapping | undefined {
  if (flags.csv !== true) return refuseCsvFlags(flags, defects)
  const { actor, time, recorded, id, event, eventColumn, property: properties, timeFormat, timezone, decimalComma } = flags
  const delimiter = readDelimiter(flags, defects)
  checkColumns(flags, defects)
  const where = flags.where?.map((text) => readWhere(text, defects)).filter((pair) => pair !== undefined)
  checkTimes(flags, defects)
  if (actor === undefined || time === undefined) return undefined
  return { actor, time, recorded, id, event, eventColumn, properties, where, timeFormat, timezone, delimiter, decimalComma }
}

function checkColumns({ actor, time, recorded, event, eventColumn, asRecorded }: RowFlags, defects: ArgumentDefects): void {
  if (actor === undefined) defects.add('--csv needs --actor COLUMN: the column of the actor id.')
  if (time === undefined) defects.add('--csv needs --time COLUMN: the column of the event time.')
  if (asRecorded === true && recorded === undefined) defects.add('--as-recorded needs --recorded COLUMN: the column of the time at which a row was recorded.')
  if (event !== undefined && eventColumn !== undefined) defects.add('--event and --event-column exclude each other.')
  if (event === '') defects.add('--event: expected a name, found none.')
}

function refuseCsvFlags(flags: RowFlags, defects: ArgumentDefects): undefined {
  const kept = flags.map === undefined ? [] : WITH_MAP
  const given = Object.entries(CSV_ONLY).filter(([key]) => flags[key as keyof typeof CSV_ONLY] !== undefined && !kept.includes(key))
  if (given.length > 0)
    defects.add(
      `${given.map(([, option]) => option).join(', ')}${given.every(([key]) => WITH_MAP.includes(key)) ? ': for CSV, or for NDJSON with --map; add one of them' : ': for CSV only; add --csv'}, or leave this out for NDJSON.`,
    )
  return undefined
}

function readWhere(text: string, defects: ArgumentDefects): Readonly<Record<string, string>> | undefined {
  const at = text.indexOf('=')
  if (at <= 0) return defects.add(`--where: expected COLUMN=VALUE, found ${JSON.stringify(text)}.`)
  return { [text.slice(0, at)]: text.slice(at + 1) }
}

function readDelimiter({ delimiter }: RowFlags, defects: ArgumentDefects): string | undefined {
  if (delimiter === 'tab' || delimiter === '\\t') return '\t'
  if (delimiter === undefined || /^[^"\r\n]$/.test(delimiter)) return delimiter
  return defects.add(`--delimiter: expected one character, or tab, found ${JSON.stringify(delimiter)}.`)
}

/** Reports time formats and time zones that do not exist. */
export function checkTimes(flags: RowFlags, defects: ArgumentDefects): void {
  const defect = defectOfTimes(flags)
  if (defect !== undefined) defects.add(`${CSV_ONLY[defect.key]}: ${defect.reason}.`)
}
