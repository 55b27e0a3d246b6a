import type { CycleDefinition, RondoError } from '#contracts'
import { formatDefect } from '#cycle'
import type { KafkaSettings } from '#event-log'
import { nameClashes } from '#process'
import type { RowsOptions } from '#sources'
import { ArgumentDefects, readCount, readRetention } from '../argument-defects.ts'
import { brokerList } from '../broker-flag.ts'
import { readDefinitionFlags } from '../definition/definition-flags.ts'
import { readCsvMapping } from '../rows/csv-flags.ts'
import { readInputPath } from '../rows/input-file.ts'
import { readLineMapping } from '../rows/map-flags.ts'
import { readEncoding, readSpan } from '../rows/span-flags.ts'
import { DEFAULT_URL, Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { ImportFlags } from './import-flags.ts'

/** The cycles that will fold the rows, at least one: rows that name no type of actor are of the first one's. */
export type CycleDefinitions = readonly [CycleDefinition, ...CycleDefinition[]]

/** The destination of the rows. */
type Destination =
  | { readonly server: Server }
  | { readonly folder: string; readonly definitions: CycleDefinitions }
  | { readonly kafka: KafkaSettings; readonly definitions: CycleDefinitions }

/** An import whose options have all been checked. */
export interface ImportPlan {
  readonly rows: Pick<RowsOptions, 'input' | 'csv' | 'map' | 'from' | 'to' | 'asRecorded'>
  readonly destination: Destination
  readonly shiftToNow: boolean
  /** Rows from the future are moved with the others. */
  readonly allowFuture: boolean
}

/** A plan, or all reasons against it. */
export interface PlanReading {
  readonly plan: ImportPlan | undefined
  readonly failures: readonly RondoError[]
  /** Defects of the definition, warnings included, each with its line. */
  readonly notes: readonly string[]
}

/** Reads the arguments of `rondo import`, and the defects of all of them together. */
export function readImportPlan(flags: ImportFlags, surplus: readonly string[], terminal: Terminal): PlanReading {
  const defects = new ArgumentDefects()
  const notes: string[] = []
  defects.addSurplus('import', surplus)
  const path = readInputPath(flags.input, defects)
  const csv = readCsvMapping(flags, defects)
  const map = readLineMapping(flags, defects)
  const span = readSpan(flags, defects)
  const encoding = readEncoding(flags, defects)
  if (flags.allowFuture === true && flags.shiftToNow !== true) defects.add('--allow-future needs --shift-to-now: a log takes no row of the future.')
  const destination = readDestination(flags, { terminal, defects, notes })
  if (defects.failures.length > 0 || path === undefined || destination === undefined) return { plan: undefined, failures: defects.failures, notes }
  const rows = { input: { path, stdin: terminal.input, encoding }, csv, map, ...span, asRecorded: flags.asRecorded === true }
  return { plan: { rows, destination, shiftToNow: flags.shiftToNow === true, allowFuture: flags.allowFuture === true }, failures: [], notes }
}

/** What is collected while the arguments are read. */
interface Reading {
  readonly terminal: Terminal
  readonly defects: ArgumentDefects
  readonly notes: string[]
}

function readDestination(flags: ImportFlags, { terminal, defects, notes }: Reading): Destination | undefined {
  const named = [flags.url, flags.data, flags.brokers].filter((flag) => flag !== undefined).length
  if (named > 1) defects.add('--url, --data and --brokers exclude each other: a history goes to one place.')
  if (flags.brokers !== undefined) return readLog(flags, notes, defects)
  return flags.data === undefined ? readServer(flags, terminal, defects) : readFolder(flags, notes, defects)
}

function readLog(flags: ImportFlags, notes: string[], defects: ArgumentDefects): Destination | undefined {
  const brokers = brokerList(flags.brokers ?? '', defects)
  const partitions = readCount('--partitions', flags.partitions ?? '6', defects)
  const replication = readCount('--replication', flags.replication ?? '3', defects)
  const activityRetentionMs = readRetention(flags.activityRetention, defects)
  const definitions = readTargetDefinitions('--brokers', flags, notes, defects)
  if (definitions === undefined || partitions === undefined || replication === undefined) return undefined
  const isArchived = flags.archive !== undefined
  return { kafka: { brokers, prefix: flags.prefix ?? '', group: 'rondo', partitions, replication, activityRetentionMs, isArchived, identity: {} }, definitions }
}

function readServer({ url = DEFAULT_URL, definition }: ImportFlags, { stop }: Terminal, defects: ArgumentDefects): Destination | undefined {
  if (definition !== undefined) defects.add('--definition belongs to --data and --brokers; a running Rondo has its own.')
  const server = defects.try(() => new Server(url, stop))
  return server === undefined ? undefined : { server }
}

function readFolder(flags: ImportFlags, notes: string[], defects: ArgumentDefects): Destination | undefined {
  const { data = '' } = flags
  if (data === '') defects.add('--data: expected a folder, found none.')
  const definitions = readTargetDefinitions('--data', flags, notes, defects)
  return definitions && { folder: data, definitions }
}

function readTargetDefinitions(by: string, { definition: paths = [] }: ImportFlags, notes: string[], defects: ArgumentDefects): CycleDefinitions | undefined {
  if (paths.length === 0) return defects.add(`${by} needs --definition FILE: the cycle definitions that Rondo is started with there.`)
  const read = readDefinitionFlags(paths, defects)
  notes.push(...read.flatMap((of) => of.defects.map(formatDefect)))
  const valid = read.flatMap(({ file, definition }) => (definition === undefined ? [] : [{ file, cycle: definition }]))
  defects.failures.push(...nameClashes(valid))
  const [first, ...others] = valid.map(({ cycle }) => cycle)
  return first && [first, ...others]
}
