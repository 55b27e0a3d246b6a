import { exactNumber, type Instant, RondoError } from '#contracts'
import { EVENT_NAME_MAX, idDefect, valueRefusal } from '../rows/bounds.ts'
import { invalidEvent, invalidRow, Refusal } from '../rows/refusal.ts'
import type { JsonObject, SourceRow } from '../rows/source-row.ts'
import { limitToArrival, ownTiming, type Timing } from '../times/arrival.ts'
import { describeNoTime } from '../times/no-time.ts'
import { type LeftOut, outOfSpan, type RowSetting } from '../times/row-setting.ts'
import { type TimeSetting, timeReader } from '../times/times.ts'

/** The name of the event, if the mapping has neither a name nor a column for it. */
const DEFAULT_EVENT = 'Activity'

/** The columns of a CSV file and their meaning. */
export interface CsvMapping extends TimeSetting {
  /** The separator of fields; if it is not given, it is found from the header and the named columns. */
  readonly delimiter?: string | undefined
  /** Whether numbers are written with a decimal comma, and with or without points between thousands: 1.234,56. */
  readonly decimalComma?: boolean | undefined
  readonly actor: string
  readonly time: string
  /** When the row was recorded: the arrival of `--as-recorded`. */
  readonly recorded?: string | undefined
  readonly id?: string | undefined
  /** One name for all rows; {@link DEFAULT_EVENT} unless given. */
  readonly event?: string | undefined
  readonly eventColumn?: string | undefined
  readonly properties?: readonly string[] | undefined
  /** Rows in which one of these columns has another text are left out. */
  readonly where?: readonly Readonly<Record<string, string>>[] | undefined
}

/** Reads the fields of one record. `newId` makes an id for a row without one. */
export type CsvRowReader = (fields: readonly string[], line: number, newId: () => string) => SourceRow | Refusal | LeftOut

/** All columns that a mapping names. */
export function columnsOf(mapping: CsvMapping): string[] {
  const { actor, time, recorded, id, eventColumn, properties = [], where = [] } = mapping
  const named = [actor, time, recorded, id, eventColumn, ...properties, ...where.flatMap((pair) => Object.keys(pair))]
  return [...new Set(named.filter((name) => name !== undefined))]
}

function checkHeader(header: readonly string[], mapping: CsvMapping, setting: RowSetting): void {
  const columns = columnsOf(mapping)
  const missing = columns.filter((name) => !header.includes(name))
  const doubled = columns.filter((name) => header.indexOf(name) !== header.lastIndexOf(name))
  const defects = [
    ...missing.map((name) => `there is no column ${JSON.stringify(name)}`),
    ...doubled.map((name) => `there are several columns ${JSON.stringify(name)}`),
    ...(setting.asRecorded && mapping.recorded === undefined ? ['--as-recorded needs the column of the recorded time (--recorded)'] : []),
  ]
  if (defects.length === 0) return
  throw new RondoError('RONDO_ARGUMENT_INVALID', `${setting.name}: ${defects.join('; ')}. Its columns are: ${header.join(', ')}.`)
}

/** A JSON number, perhaps with blanks around it: 1.5e2 matches; codes such as 007 and +49 do not. */
const NUMBER = /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?\s*$/

/** The value of a field; undefined for a number that no double can hold, which is refused in JSON, too. */
type FieldValue = string | number | boolean | undefined

/** The value of a field. A number (beyond 2^53: its exact text), true and false have the same value as in JSON; all else is text. */
export function fieldValue(text: string): FieldValue {
  if (text === 'true') return true
  if (text === 'false') return false
  return NUMBER.test(text) ? exactNumber(text.trim()) : text
}

const COMMA_NUMBER = /^\s*-?(?:0|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d*)(?:,\d+)?(?:[eE][-+]?\d+)?\s*$/

/** The value of a field in a file whose numbers have a decimal comma: 1.234,56 is a number, 1.5 is text. */
export function commaValue(text: string): FieldValue {
  if (COMMA_NUMBER.test(text)) return fieldValue(text.replaceAll('.', '').replace(',', '.'))
  return NUMBER.test(text) ? text : fieldValue(text)
}

/** A column may have the name __proto__, which an assignment would not set. */
function put(object: JsonObject, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  else object[name] = value
}

/** How much of a field a message shows. */
const FIELD_LENGTH_MAX = 40
const fieldText = (text: string): string => (text.length > FIELD_LENGTH_MAX ? `${text.slice(0, FIELD_LENGTH_MAX)}…` : text)

/** Reads the properties of a row. */
type Properties = (fields: readonly string[]) => JsonObject | undefined | Refusal

function propertiesReader(header: readonly string[], { properties: names = [], decimalComma }: CsvMapping): Properties {
  const readField = decimalComma === true ? commaValue : fieldValue
  const columns = names.map((name) => ({ name, at: header.indexOf(name) }))
  if (columns.length === 0) return () => undefined
  return (fields) => {
    const object: JsonObject = {}
    for (const { name, at } of columns) {
      const text = fields[at] as string
      if (text === '') continue
      const value = readField(text)
      if (value === undefined) return invalidEvent(`${name}: expected a number up to 1.8e308, found ${fieldText(text)}`)
      put(object, name, value)
    }
    return valueRefusal(object) ?? object
  }
}

/** Reads the times of a row. */
type ReadTiming = (fields: readonly string[]) => Timing | Refusal

function timingReader(header: readonly string[], mapping: CsvMapping, setting: RowSetting): ReadTiming {
  const readText = timeReader(mapping)
  const forms = mapping.timeFormat === undefined ? 'a time' : `a time as ${mapping.timeFormat}`
  const read = (fields: readonly string[], column: string, at: number): Instant | Refusal =>
    readText(fields[at] as string) ??
    invalidRow(`${column}: expected ${forms}, found ${JSON.stringify(fields[at])}${describeNoTime(fields[at] as string, mapping)}`)
  const timeAt = header.indexOf(mapping.time)
  const { recorded } = mapping
  const recordedAt = setting.asRecorded && recorded !== undefined ? header.indexOf(recorded) : -1
  return (fields) => {
    const time = read(fields, mapping.time, timeAt)
    if (typeof time !== 'number') return time
    if (recordedAt === -1) return ownTiming(time)
    const arrival = read(fields, recorded as string, recordedAt)
    return typeof arrival === 'number' ? limitToArrival(time, arrival, time) : arrival
  }
}

/** Reads the name of a row's event. */
type ReadName = (fields: readonly string[]) => string | Refusal

function nameReader(header: readonly string[], mapping: CsvMapping): ReadName {
  const { event = DEFAULT_EVENT, eventColumn } = mapping
  if (eventColumn === undefined) return () => event
  const at = header.indexOf(eventColumn)
  return (fields) => {
    const name = fields[at] as string
    return name !== '' && name.length <= EVENT_NAME_MAX ? name : invalidRow(`${eventColumn}: expected a name of 1 to ${EVENT_NAME_MAX} characters`)
  }
}

const emptyId = (): string => ''

/** Reads the id of a row's event; a row without an id gets a new one. */
type ReadId = (fields: readonly string[], newId: () => string) => string | Refusal

function idReader(header: readonly string[], column: string | undefined): ReadId {
  if (column === undefined) return (_fields, newId) => newId()
  const at = header.indexOf(column)
  return (fields, newId) => {
    const text = fields[at] || newId()
    const defect = idDefect(text)
    return defect === undefined ? text : invalidRow(`${column}: ${defect}`)
  }
}

/**
 * A reader of rows for the columns of this header.
 * @throws RondoError RONDO_ARGUMENT_INVALID with all columns of the mapping that are missing or twice in the header.
 */
export function csvRowReader(header: readonly string[], mapping: CsvMapping, setting: RowSetting): CsvRowReader {
  checkHeader(header, mapping, setting)
  const where = (mapping.where ?? []).flatMap((pair) => Object.entries(pair)).map(([name, value]) => ({ at: header.indexOf(name), value }))
  const timing = timingReader(header, mapping, setting)
  const readName = nameReader(header, mapping)
  const actors = idReader(header, mapping.actor)
  const ids = idReader(header, mapping.id)
  const propertiesOf = propertiesReader(header, mapping)
  const { actorType } = setting
  return (fields, line, newId) => {
    if (fields.length !== header.length) return invalidRow(`expected ${header.length} fields, found ${fields.length}`)
    for (const { at, value } of where) if (fields[at] !== value) return 'where'
    const timed = timing(fields)
    if (timed instanceof Refusal) return timed
    const leftOut = outOfSpan(timed, setting)
    if (leftOut !== undefined) return leftOut
    const actorId = actors(fields, emptyId)
    if (actorId instanceof Refusal) return actorId
    const id = ids(fields, newId)
    if (id instanceof Refusal) return id
    const event = readName(fields)
    if (event instanceof Refusal) return event
    const properties = propertiesOf(fields)
    if (properties instanceof Refusal) return properties
    const { time, arrival, claimedTime } = timed
    return { line, time, arrival, id, event, type: 'track', actorType, actorId, properties, claimedTime }
  }
}
