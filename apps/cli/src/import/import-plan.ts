import type { CycleDefinition, RondoError } from '#contracts'
import { formatDefect } from '#cycle'
import type { RowsOptions } from '#sources'
import { Complaints, readInstant } from '../complaints.ts'
import { readDefinitionFlag } from '../definition/definition-flag.ts'
import { readCsvMapping } from '../rows/csv-flags.ts'
import { readInputPath } from '../rows/input-file.ts'
import { DEFAULT_URL, Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import type { ImportFlags } from './import-flags.ts'

/** Where the rows go. */
type Destination = { readonly server: Server } | { readonly folder: string; readonly definition: CycleDefinition }

/** An import that can begin: everything it was told has been checked. */
export interface ImportPlan {
  readonly rows: Pick<RowsOptions, 'input' | 'csv' | 'from' | 'asRecorded'>
  readonly destination: Destination
  readonly shiftToNow: boolean
}

/** A plan, or all that is in its way. */
export interface PlanReading {
  readonly plan: ImportPlan | undefined
  readonly failures: readonly RondoError[]
  /** Defects of the definition, warnings included, each with its line. */
  readonly notes: readonly string[]
}

export function readImportPlan(flags: ImportFlags, surplus: readonly string[], terminal: Terminal): PlanReading {
  const complaints = new Complaints()
  const notes: string[] = []
  complaints.addSurplus('import', surplus)
  const path = readInputPath(flags.input, complaints)
  const csv = readCsvMapping(flags, complaints)
  const from = readInstant('--from', flags.from, complaints)
  const destination = flags.data === undefined ? readServer(flags, terminal, complaints) : readFolder(flags, notes, complaints)
  if (complaints.failures.length > 0 || path === undefined || destination === undefined) return { plan: undefined, failures: complaints.failures, notes }
  const rows = { input: { path, stdin: terminal.input }, csv, from, asRecorded: flags.asRecorded === true }
  return { plan: { rows, destination, shiftToNow: flags.shiftToNow === true }, failures: [], notes }
}

function readServer({ url = DEFAULT_URL, definition }: ImportFlags, { stop }: Terminal, complaints: Complaints): Destination | undefined {
  if (definition !== undefined) complaints.add('--definition belongs to --data; a running Rondo has its own.')
  const server = complaints.try(() => new Server(url, stop))
  return server === undefined ? undefined : { server }
}

function readFolder({ url, data = '', definition: path }: ImportFlags, notes: string[], complaints: Complaints): Destination | undefined {
  if (url !== undefined) complaints.add('--url and --data exclude each other: a Rondo is running, or it is not.')
  if (data === '') complaints.add('--data: expected a folder, found none.')
  if (path === undefined) return complaints.add('--data needs --definition FILE: the cycle definition that the folder is started with.')
  const file = readDefinitionFlag(path, complaints)
  notes.push(...(file?.defects ?? []).map(formatDefect))
  return file?.definition === undefined ? undefined : { folder: data, definition: file.definition }
}
