import type { Command } from 'commander'

/** The options of `replay` and `import` that describe their input, not yet checked. */
export interface RowFlags {
  readonly input?: string
  readonly from?: string
  readonly to?: string
  readonly encoding?: string
  readonly allowFuture?: boolean
  readonly asRecorded?: boolean
  readonly csv?: boolean
  readonly map?: string[]
  readonly actor?: string
  readonly time?: string
  readonly recorded?: string
  readonly id?: string
  readonly event?: string
  readonly eventColumn?: string
  readonly property?: string[]
  readonly where?: string[]
  readonly timeFormat?: string
  readonly timezone?: string
  readonly delimiter?: string
  readonly decimalComma?: boolean
}

const SHAPE_OPTIONS = [
  ['--csv', 'the input is CSV with a header; needs --actor and --time'],
  ['--map <part=path...>', 'where id, event, actor, actorType, time, recorded, properties stand in NDJSON of others'],
  ['--actor <column>', 'column of the actor id'],
  ['--time <column>', 'column of the event time'],
  ['--recorded <column>', 'column of the time at which the row was recorded, for --as-recorded'],
  ['--id <column>', 'column of ids; rows that share one are copies. Without it every row counts'],
  ['--event <name>', 'what happened, the same for all rows of CSV or with --map (default for CSV: "Activity")'],
  ['--event-column <column>', 'column of the event name'],
  ['--property <column...>', 'columns that become properties of the event'],
  ['--where <column=value...>', 'leave out rows in which a column has another value'],
  ['--time-format <format>', 'form of the times in CSV or with --map, or a pattern such as "DD/MM/YYYY HH:mm"; default: recognized'],
  ['--timezone <zone>', 'time zone of times in CSV or with --map that name no offset, such as Europe/Berlin (default: UTC)'],
  ['--delimiter <character>', 'what separates the fields of CSV: one character, or tab (default: recognized by the header)'],
  ['--decimal-comma', 'numbers in CSV are written with a comma: 1.234,56'],
  ['--encoding <name>', 'encoding of the text, such as windows-1252 (default: UTF-8, or what a byte order mark says)'],
] as const

/** Adds the options that name columns. */
export function declareShapeOptions(command: Command): void {
  for (const [flags, description] of SHAPE_OPTIONS) command.option(flags, description)
}
