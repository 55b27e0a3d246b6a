import { type CycleDefinition, type Instant, RondoError } from '#contracts'
import { formatDefect } from '#cycle'
import type { RowsOptions } from '#sources'
import { Complaints, readCount, readInstant } from '../complaints.ts'
import { type DefinitionFile, readDefinitionFile } from '../definition/definition-file.ts'
import type { Terminal } from '../terminal.ts'
import type { TextOutput } from '../text-output.ts'
import { readCsvMapping } from './csv-flags.ts'
import { openFiles } from './replay-files.ts'
import type { ReplayFlags } from './replay-flags.ts'

/** A replay that can begin: everything it was told has been checked and can be opened. */
export interface ReplayPlan {
  readonly definition: CycleDefinition
  readonly rows: Pick<RowsOptions, 'input' | 'csv' | 'from' | 'asRecorded' | 'actorType'>
  readonly until: Instant | undefined
  readonly effective: boolean
  readonly batch: number
  readonly output: TextOutput
  readonly late: TextOutput | undefined
}

/** A plan, or all that is in its way. */
export interface PlanReading {
  readonly plan: ReplayPlan | undefined
  readonly failures: readonly RondoError[]
  /** Defects of the definition, warnings included, each with its line. */
  readonly notes: readonly string[]
}

export function readReplayPlan(flags: ReplayFlags, surplus: readonly string[], terminal: Terminal): PlanReading {
  const complaints = new Complaints()
  complainOfSurplus(surplus, complaints)
  const file = readDefinition(flags, complaints)
  const notes = (file?.defects ?? []).map(formatDefect)
  const csv = readCsvMapping(flags, complaints)
  const from = readInstant('--from', flags.from, complaints)
  const until = readInstant('--until', flags.until, complaints)
  const batch = readCount('--batch', flags.batch, complaints)
  const files = openFiles(flags, terminal, complaints)
  const definition = file?.definition
  if (complaints.failures.length > 0 || definition === undefined || files === undefined || batch === undefined) {
    return { plan: undefined, failures: complaints.failures, notes }
  }
  const rows = { input: files.input, csv, from, asRecorded: flags.asRecorded === true, actorType: definition.actor }
  const plan = { definition, rows, until, effective: flags.effective === true, batch, output: files.output, late: files.late }
  return { plan, failures: [], notes }
}

function readDefinition({ definition: path }: ReplayFlags, complaints: Complaints): DefinitionFile | undefined {
  if (path === undefined) return complaints.add('--definition FILE is missing: the cycle definition to fold with.')
  const file = complaints.try(() => readDefinitionFile(path))
  const errors = (file?.defects ?? []).filter(({ severity }) => severity === 'error').length
  if (errors > 0) complaints.failures.push(new RondoError('RONDO_DEFINITION_INVALID', `The definition ${path} has ${errors} error${errors === 1 ? '' : 's'}.`))
  return file
}

/** Words that are no option's value, and options that there are none of. What follows such an option may be meant as its value. */
function complainOfSurplus(surplus: readonly string[], complaints: Complaints): void {
  surplus.forEach((word, index) => {
    if (word.startsWith('-') && word !== '-') complaints.add(`There is no option ${word}; see rondo replay --help.`)
    else if (!surplus[index - 1]?.startsWith('--')) complaints.add(`${JSON.stringify(word)} belongs to no option; see rondo replay --help.`)
  })
}
