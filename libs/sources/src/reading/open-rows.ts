import { formatInstant, type Instant, RondoError } from '#contracts'
import { CsvReader, type CsvRecord } from '../csv/csv-records.ts'
import { type CsvMapping, type CsvRowReader, columnsOf, csvRowReader } from '../csv/csv-row.ts'
import { separatorOf } from '../csv/csv-separator.ts'
import { beginsAsJson, CSV_BY_OPTIONS, ndjsonDefect } from '../json/ndjson-defect.ts'
import type { LineMapping } from '../mapping/map-line.ts'
import { MadeIds } from '../rows/made-ids.ts'
import { cutRaw, Refusal, type RefusedRow } from '../rows/refusal.ts'
import type { SourceRow } from '../rows/source-row.ts'
import { type SortSpace, sortRows } from '../sorting/row-sort.ts'
import { type Input, nameOf } from '../text/input.ts'
import { type LineBatch, readLines } from '../text/lines.ts'
import type { LeftOut, RowSetting } from '../times/row-setting.ts'
import { type JsonRowReader, jsonRowReader } from './json-row.ts'

/** The input, its form, and which of its rows are wanted. */
export interface RowsOptions {
  readonly input: Input
  /** The columns of a CSV file; without it the input is NDJSON. */
  readonly csv?: CsvMapping | undefined
  /** The mapping of foreign NDJSON; without it lines are activity events and calls. */
  readonly map?: LineMapping | undefined
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
  /** Rows that arrive later are refused; without it all are accepted. */
  readonly latest?: Instant | undefined
  /** Whether rows later than `latest` stay in the batches, so that the caller refuses them in the sorted order. They do not count for `lastArrival`. */
  readonly keepsFutureRows?: boolean | undefined
  /** True: the arrival is the recorded time, and rows are sorted by it. False: the arrival is the time, and rows are sorted by (time, id). */
  readonly asRecorded?: boolean | undefined
  /** The actor type of rows without one; `user` unless given. */
  readonly actorType?: string | undefined
  /** The prefix of made ids. It keeps the ids of two files in one log different. */
  readonly idPrefix?: string | undefined
  readonly sort: SortSpace
  /** Called for each refused row, in the order of the file. */
  readonly onRefused?: ((row: RefusedRow) => void) | undefined
}

/** The number of rows so far. When all batches are read: read = refused + left out + rows of the batches. */
export interface RowCounts {
  read: number
  refused: number
  leftOut: Record<LeftOut, number>
}

/** The rows of an input. */
export interface Rows {
  /** The sorted rows. They may be read once; the input is opened then. */
  readonly batches: AsyncIterable<readonly SourceRow[]>
  readonly counts: RowCounts
  /** The latest arrival of the rows in the batches, known from the first batch on; undefined if there is no row. */
  readonly lastArrival: Instant | undefined
}

/** Selects the rows for the batches, and counts the rows that are refused or left out. */
class RowSelection {
  readonly counts: RowCounts = { read: 0, refused: 0, leftOut: { from: 0, to: 0, where: 0 } }
  lastArrival: Instant | undefined
  readonly #options: RowsOptions
  readonly #ids: MadeIds
  #isIdMade = false
  readonly #newId = (): string => {
    this.#isIdMade = true
    return this.#ids.at(this.counts.read)
  }

  constructor(options: RowsOptions) {
    this.#options = options
    this.#ids = new MadeIds(options.idPrefix)
  }

  /** Processes the next row. A row without an id gets an id made of its position among all rows. */
  take(rows: SourceRow[], line: number, raw: string, read: (newId: () => string) => SourceRow | Refusal | LeftOut): void {
    this.counts.read += 1
    this.#isIdMade = false
    const row = read(this.#newId)
    if (row instanceof Refusal) this.#refuse(line, raw, row)
    else if (typeof row === 'string') this.counts.leftOut[row] += 1
    else if (this.#options.keepsFutureRows !== true && this.#isLater(row))
      this.#refuse(line, raw, fromFuture(row.arrival, this.#options.latest as Instant, '--allow-future'))
    else this.#select(rows, row)
  }

  /** Completes the made ids when all rows have been read, so that no other row has the same id. */
  async *named(batches: AsyncIterable<readonly SourceRow[]>): AsyncGenerator<readonly SourceRow[]> {
    let ending: string | undefined
    for await (const batch of batches) {
      ending ??= this.#ids.ending
      yield ending === '' ? batch : batch.map((row) => (row.isIdMade ? { ...row, id: row.id + ending } : row))
    }
  }

  #select(rows: SourceRow[], row: SourceRow): void {
    if (!this.#isIdMade) this.#ids.avoid(row.id)
    rows.push(this.#isIdMade ? { ...row, isIdMade: true } : row)
    if (!this.#isLater(row) && (this.lastArrival === undefined || row.arrival > this.lastArrival)) this.lastArrival = row.arrival
  }

  #isLater({ arrival }: SourceRow): boolean {
    return arrival > (this.#options.latest ?? Number.POSITIVE_INFINITY)
  }

  #refuse(line: number, raw: string, { code, reason }: Refusal): void {
    this.counts.refused += 1
    this.#options.onRefused?.({ line, code, reason, raw: cutRaw(raw) })
  }
}

/** The refusal of a row from the future, for a replay and an import. `how` names the option that accepts such rows. */
export function fromFuture(arrival: Instant, latest: Instant, how: string): Refusal {
  return new Refusal('RONDO_EVENT_FROM_FUTURE', `expected a time up to ${formatInstant(latest)}, found ${formatInstant(arrival)}; ${how} takes it`)
}

function takeLines(batch: LineBatch, reader: JsonRowReader, selection: RowSelection): SourceRow[] {
  const rows: SourceRow[] = []
  for (const [at, text] of batch.texts.entries()) {
    const refusal = batch.refusals.get(at)
    if (refusal === undefined && text.trim() === '') continue
    const line = batch.first + at
    selection.take(rows, line, text, (newId) => refusal ?? reader(text, line, newId))
  }
  return rows
}

async function* jsonRows(input: Input, reader: JsonRowReader, selection: RowSelection): AsyncGenerator<readonly SourceRow[]> {
  let isChecked = false
  for await (const batch of readLines(input)) {
    if (!isChecked && batch.texts.some((text) => text.trim() !== '')) {
      isChecked = true
      const defect = ndjsonDefect(batch.texts, CSV_BY_OPTIONS)
      if (defect !== undefined) throw new RondoError('RONDO_INPUT_UNREADABLE', `${nameOf(input)} ${defect}`)
    }
    yield takeLines(batch, reader, selection)
  }
}

async function* csvRecords(input: Input, mapping: CsvMapping): AsyncGenerator<readonly CsvRecord[]> {
  let csv: CsvReader | undefined
  for await (const batch of readLines(input)) {
    if (csv !== undefined) yield csv.read(batch)
    else if (batch.texts.some((text) => text.trim() !== '')) {
      const { separator, lines } = separatorOf(batch, columnsOf(mapping), mapping.delimiter)
      csv = new CsvReader(separator)
      yield csv.read(lines)
    }
  }
  if (csv !== undefined) yield csv.end()
}

function takeRecords(records: readonly CsvRecord[], reader: CsvRowReader, selection: RowSelection): SourceRow[] {
  const rows: SourceRow[] = []
  for (const { fields, line, raw } of records) selection.take(rows, line, raw, (newId) => (fields instanceof Refusal ? fields : reader(fields, line, newId)))
  return rows
}

function headerOf(first: CsvRecord, name: string): readonly string[] {
  if (beginsAsJson(first.raw)) throw new RondoError('RONDO_INPUT_UNREADABLE', `${name} is JSON and not CSV: leave out --csv and its columns.`)
  if (!(first.fields instanceof Refusal)) return first.fields
  throw new RondoError('RONDO_INPUT_UNREADABLE', `${name}, line ${first.line}: this is no header of a CSV file: ${first.fields.reason}.`)
}

async function* csvRows(input: Input, mapping: CsvMapping, setting: RowSetting, selection: RowSelection): AsyncGenerator<readonly SourceRow[]> {
  let reader: CsvRowReader | undefined
  for await (const records of csvRecords(input, mapping)) {
    const [first] = records
    if (first === undefined) continue
    const isFirst = reader === undefined
    reader ??= csvRowReader(headerOf(first, setting.name), mapping, setting)
    yield takeRecords(isFirst ? records.slice(1) : records, reader, selection)
  }
  if (reader === undefined) throw new RondoError('RONDO_INPUT_UNREADABLE', `${setting.name} is empty; expected a CSV file with a header.`)
}

/** The selection of rows must not depend on the clock, so that each row has the same number each time. */
function latestInSpan({ latest = Number.POSITIVE_INFINITY, keepsFutureRows }: RowsOptions): Instant {
  return keepsFutureRows === true && latest !== Number.POSITIVE_INFINITY ? SENTINEL_MIN : latest
}

/** Systems write a time from this year on for "never" or "no end". */
const SENTINEL_MIN = Date.UTC(2200, 0)

/**
 * The rows of a file, decoded, checked and sorted, in batches: what `replay` and `import` read.
 * Errors of the whole input are thrown when `batches` is read: RONDO_INPUT_UNREADABLE, RONDO_ARGUMENT_INVALID (columns), RONDO_DATA_FULL (sorting).
 */
export function openRows(options: RowsOptions): Rows {
  const { input, csv, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, asRecorded = false, actorType = 'user' } = options
  const setting = { name: nameOf(input), from, to, latest: latestInSpan(options), asRecorded, actorType }
  const selection = new RowSelection(options)
  const rows = csv === undefined ? jsonRows(input, jsonRowReader(setting, options.map), selection) : csvRows(input, csv, setting, selection)
  return {
    batches: selection.named(sortRows(rows, asRecorded ? 'arrival' : 'time', options.sort)),
    counts: selection.counts,
    get lastArrival() {
      return selection.lastArrival
    },
  }
}
