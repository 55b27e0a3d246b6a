import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type CompiledCycle, compileCycle } from '#cycle'
import { inspectFolder } from '#event-log'
import { definitionFilesAt } from '#process'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { ArgumentDefects } from '../argument-defects.ts'
import { readDefinitionFlag } from '../definition/definition-flag.ts'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import { ProgressLine } from '../progress-line.ts'
import type { Terminal } from '../terminal.ts'
import { Differences } from './differences.ts'
import { type Verified, verifyCycle } from './verify-cycle.ts'

/** The options of `rondo verify`, not yet checked. */
export interface VerifyFlags {
  readonly data: string
  readonly definition: readonly string[]
  readonly archive?: string
  readonly scratch?: string
}

/** Runs `rondo verify`. @returns the exit code */
export async function runVerify(flags: VerifyFlags, { output, messages, clock, stop }: Terminal): Promise<number> {
  const cycles = readCycles(flags.definition)
  const { records, others } = checkFolded(flags.data, cycles)
  const names = cycles.map(({ cycle }) => cycle).join(', ')
  messages.write(`rondo: verifying ${flags.data}: ${cycles.length === 1 ? 'the cycle' : 'the cycles'} ${names}, ${records} records of the log.\n`)
  const progress = new ProgressLine(messages, clock)
  let isEqual = true
  for (const cycle of cycles) {
    const differences = new Differences((text) => progress.print(`rondo: ${cycle.cycle}: ${text}\n`))
    using scratch = makeScratch(flags.scratch)
    try {
      const show = (text: () => string) => progress.show(() => `rondo: ${cycle.cycle}: ${text()}`)
      const verified = await verifyCycle({ data: flags.data, archive: flags.archive, scratch: scratch.path, cycle, differences, show, stop })
      progress.clear()
      output.write(`${verdict(cycle.cycle, verified, differences)}\n`)
    } finally {
      progress.clear()
    }
    isEqual &&= differences.counts.size === 0
  }
  for (const cycle of others) output.write(`${cycle}: not verified, no definition names it\n`)
  return isEqual ? exitCodes.done : exitCodes.failed
}

function readCycles(paths: readonly string[]): CompiledCycle[] {
  const defects = new ArgumentDefects()
  const files = paths.flatMap((path) => definitionFilesAt(path))
  const definitions = files.flatMap((file) => readDefinitionFlag(file, defects)?.definition ?? [])
  const [failure] = defects.failures
  if (failure !== undefined) throw failure
  return definitions.map((definition) => compileCycle(definition))
}

/** What the folder has, for messages. */
interface Folded {
  readonly records: number
  /** Stored cycles without a definition. */
  readonly others: readonly string[]
}

/** Refuses cycles of which the folder has nothing: opening them would make empty states for them. */
function checkFolded(data: string, cycles: readonly CompiledCycle[]): Folded {
  const { records, states } = inspectFolder(data)
  for (const { reader } of states) reader.close()
  const [failure] = states.flatMap((state) => state.failure ?? [])
  if (failure !== undefined) throw failure
  const there = states.flatMap((state) => state.cycle ?? [])
  const missing = cycles.find(({ cycle }) => !there.includes(cycle))
  if (missing === undefined) return { records, others: there.filter((name) => !cycles.some(({ cycle }) => cycle === name)) }
  throw invalidArgument(
    `--definition: the folder ${data} has no state of the cycle ${missing.cycle}. It has those of ${there.length === 0 ? 'no cycle' : there.join(', ')}.`,
  )
}

function makeScratch(folder: string | undefined): TemporaryFolder {
  if (folder === undefined) return temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const path = mkdtempSync(join(folder, 'rondo-verify-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

function verdict(cycle: string, { outputs, actors, rows }: Verified, { counts }: Differences): string {
  const history = rows === undefined ? 'no history is kept' : `${rows} rows of history`
  const compared = `${outputs} outputs, ${actors} actors, ${history}`
  if (counts.size === 0) return `${cycle}: no difference (${compared}). All of it follows from the log.`
  const found = [...counts].map(([part, count]) => `${count} in ${part}`).join(', ')
  return `${cycle}: DIFFERENT (${found}; ${compared}). What is stored does not follow from the log.`
}
