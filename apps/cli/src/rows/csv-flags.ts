import { type CsvMapping, defectOfTimes } from '#sources'
import type { Complaints } from '../complaints.ts'
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

/** What says something of foreign NDJSON, too. */
const WITH_MAP: readonly string[] = ['event', 'timeFormat', 'timezone']

/** Which columns say what; undefined for NDJSON, or where something is wrong with that. */
export function readCsvMapping(flags: RowFlags, complaints: Complaints): CsvMapping | undefined {
  if (flags.csv !== true) return complainOfCsvFlags(flags, complaints)
  const { actor, time, recorded, id, event, eventColumn, property: properties, timeFormat, timezone, decimalComma } = flags
  const delimiter = readDelimiter(flags, complaints)
  complainOfColumns(flags, complaints)
  const where = flags.where?.map((text) => readWhere(text, complaints)).filter((pair) => pair !== undefined)
  checkTimes(flags, complaints)
  if (actor === undefined || time === undefined) return undefined
  return { actor, time, recorded, id, event, eventColumn, properties, where, timeFormat, timezone, delimiter, decimalComma }
}

function complainOfColumns({ actor, time, recorded, event, eventColumn, asRecorded }: RowFlags, complaints: Complaints): void {
  if (actor === undefined) complaints.add('--csv needs --actor COLUMN: the column that says who.')
  if (time === undefined) complaints.add('--csv needs --time COLUMN: the column that says when it happened.')
  if (asRecorded === true && recorded === undefined) complaints.add('--as-recorded needs --recorded COLUMN: the column that says when a row was recorded.')
  if (event !== undefined && eventColumn !== undefined) complaints.add('--event and --event-column exclude each other.')
  if (event === '') complaints.add('--event: expected a name, found none.')
}

function complainOfCsvFlags(flags: RowFlags, complaints: Complaints): undefined {
  const kept = flags.map === undefined ? [] : WITH_MAP
  const given = Object.entries(CSV_ONLY).filter(([key]) => flags[key as keyof typeof CSV_ONLY] !== undefined && !kept.includes(key))
  if (given.length > 0)
    complaints.add(
      `${given.map(([, option]) => option).join(', ')}${given.every(([key]) => WITH_MAP.includes(key)) ? ': for CSV, or for NDJSON with --map; add one of them' : ': for CSV only; add --csv'}, or leave this out for NDJSON.`,
    )
  return undefined
}

function readWhere(text: string, complaints: Complaints): Readonly<Record<string, string>> | undefined {
  const at = text.indexOf('=')
  if (at <= 0) return complaints.add(`--where: expected COLUMN=VALUE, found ${JSON.stringify(text)}.`)
  return { [text.slice(0, at)]: text.slice(at + 1) }
}

function readDelimiter({ delimiter }: RowFlags, complaints: Complaints): string | undefined {
  if (delimiter === 'tab' || delimiter === '\\t') return '\t'
  if (delimiter === undefined || /^[^"\r\n]$/.test(delimiter)) return delimiter
  return complaints.add(`--delimiter: expected one character, or tab, found ${JSON.stringify(delimiter)}.`)
}

/** Complains of a form of times and a time zone that are none. */
export function checkTimes(flags: RowFlags, complaints: Complaints): void {
  const defect = defectOfTimes(flags)
  if (defect !== undefined) complaints.add(`${CSV_ONLY[defect.key]}: ${defect.reason}.`)
}
