import type { SchemaElement } from 'hyparquet'
import type { LogRecord } from '#event-log'
import type { Entry } from './entries.ts'

/** A value of a row. */
type Cell = number | bigint | string | null | undefined

/** A column of an archive: its type in Parquet, whether every row has a value, and its value in the row of an entry. */
interface Column {
  readonly name: string
  readonly type: Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>
  readonly isRequired: boolean
  readonly description: string
  cell(record: LogRecord, index: number, entry: Entry): Cell
}

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const
const instant = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } } as const
const millis = (at: number | undefined): bigint | null => (at === undefined ? null : BigInt(at))

/** The columns, one row an entry, in the order of the log. docs/reference/archive.md explains them. */
export const columns: readonly Column[] = [
  {
    name: 'log_offset',
    type: { type: 'INT64' },
    isRequired: true,
    description: 'the offset of the record of the log',
    cell: ({ offset }) => BigInt(offset),
  },
  {
    name: 'entry_index',
    type: { type: 'INT32' },
    isRequired: true,
    description: 'the number of the entry in its record, from 0',
    cell: (_, index) => index,
  },
  {
    name: 'appended_at',
    type: instant,
    isRequired: false,
    description: 'when the broker appended the record; nothing in a data folder',
    cell: ({ appendedAt }) => millis(appendedAt),
  },
  {
    name: 'kind',
    type: text,
    isRequired: true,
    description: 'event, the kind of a control record (such as tick), or unreadable',
    cell: (_, __, { kind }) => kind,
  },
  { name: 'id', type: text, isRequired: false, description: 'the id of the event', cell: (_, __, { id }) => id ?? null },
  { name: 'event', type: text, isRequired: false, description: 'the name of the event', cell: (_, __, { event }) => event ?? null },
  { name: 'actor_type', type: text, isRequired: false, description: 'the type of its actor', cell: (_, __, { actorType }) => actorType ?? null },
  { name: 'actor_id', type: text, isRequired: false, description: 'the id of its actor', cell: (_, __, { actorId }) => actorId ?? null },
  {
    name: 'time',
    type: instant,
    isRequired: false,
    description: 'when the event happened; the time of a control record',
    cell: (_, __, { time }) => millis(time),
  },
  { name: 'received_at', type: instant, isRequired: false, description: 'the arrival of the event', cell: (_, __, { receivedAt }) => millis(receivedAt) },
  { name: 'source', type: text, isRequired: false, description: 'what the event came through', cell: (_, __, { source }) => source ?? null },
  {
    name: 'entry',
    type: text,
    isRequired: true,
    description: 'the exact text of the entry, with everything that is in it',
    cell: (_, __, entry) => entry.text,
  },
]

/** The schema of a file. */
export const fileSchema: SchemaElement[] = [
  { name: 'rondo_activity', num_children: columns.length },
  ...columns.map(({ name, type, isRequired }): SchemaElement => ({ name, ...type, repetition_type: isRequired ? 'REQUIRED' : 'OPTIONAL' })),
]

/** Rows of an archive, as columns. */
export class RowGroup {
  readonly #cells: Cell[][] = columns.map(() => [])
  #textLength = 0

  /** Adds the entries of a record. */
  add(record: LogRecord, entries: readonly Entry[]): void {
    for (const [index, entry] of entries.entries()) {
      for (const [at, column] of columns.entries()) this.#cells[at]?.push(column.cell(record, index, entry))
      this.#textLength += entry.text.length
    }
  }

  get rows(): number {
    return this.#cells[0]?.length ?? 0
  }

  /** The number of characters of all texts together. */
  get textLength(): number {
    return this.#textLength
  }

  /** The columns for the writer of Parquet. */
  get data(): { name: string; data: Cell[] }[] {
    return columns.map(({ name }, at) => ({ name, data: this.#cells[at] ?? [] }))
  }
}
