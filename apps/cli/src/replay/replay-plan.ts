import { type CycleDefinition, type Instant, type RondoError, senderTypeOf } from '#contracts'
import { formatDefect } from '#cycle'
import { CLOCK_AHEAD_MS_MAX, type RowsOptions } from '#sources'
import { ArgumentDefects, readCount, readInstant } from '../argument-defects.ts'
import { readDefinitionFlag } from '../definition/definition-flag.ts'
import { readCsvMapping } from '../rows/csv-flags.ts'
import { readLineMapping } from '../rows/map-flags.ts'
import { readSpan } from '../rows/span-flags.ts'
import type { Terminal } from '../terminal.ts'
import type { TextOutput } from '../text-output.ts'
import { openFiles } from './replay-files.ts'
import type { ReplayFlags } from './replay-flags.ts'

/** A replay whose options have all been checked, and whose files can be opened. */
export interface ReplayPlan {
  readonly definition: CycleDefinition
  readonly rows: Pick<RowsOptions, 'input' | 'csv' | 'map' | 'from' | 'to' | 'latest' | 'asRecorded' | 'actorType'>
  readonly until: Instant | undefined
  readonly effective: boolean
  readonly batch: number
  readonly output: TextOutput
  readonly late: TextOutput | undefined
}

/** A plan, or all reasons against it. */
export interface PlanReading {
  readonly plan: ReplayPlan | undefined
  readonly failures: readonly RondoError[]
  /** Defects of the definition, warnings included, each with its line. */
  readonly notes: readonly string[]
}

/** Reads the arguments of `rondo replay`, and the defects of all of them together. */
export function readReplayPlan(flags: ReplayFlags, surplus: readonly string[], terminal: Terminal): PlanReading {
  const defects = new ArgumentDefects()
  defects.addSurplus('replay', surplus)
  const file = readDefinitionFlag(flags.definition, defects)
  const notes = (file?.defects ?? []).map(formatDefect)
  const csv = readCsvMapping(flags, defects)
  const map = readLineMapping(flags, defects)
  const span = readSpan(flags, defects)
  const until = readInstant('--until', flags.until, defects)
  const batch = readCount('--batch', flags.batch, defects)
  const files = openFiles(flags, terminal, defects)
  const definition = file?.definition
  if (defects.failures.length > 0 || definition === undefined || files === undefined || batch === undefined) {
    return { plan: undefined, failures: defects.failures, notes }
  }
  const latest = flags.allowFuture === true ? undefined : terminal.clock.now() + CLOCK_AHEAD_MS_MAX
  const rows = { input: files.input, csv, map, ...span, latest, asRecorded: flags.asRecorded === true, actorType: senderTypeOf(definition) }
  const plan = { definition, rows, until, effective: flags.effective === true, batch, output: files.output, late: files.late }
  return { plan, failures: [], notes }
}
