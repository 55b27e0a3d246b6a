import { type CompiledCycle, compileCycle } from '#cycle'
import { inspectFolder } from '#event-log'
import { ArgumentDefects } from '../argument-defects.ts'
import { readDefinitionFlags } from '../definition/definition-flags.ts'
import { exitCodes } from '../exit-code.ts'
import { invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { writeVerdict } from './cycle-verdict.ts'
import { verifyCycle } from './verify-cycle.ts'
import type { VerifyFlags } from './verify-flags.ts'

/** Runs `rondo verify --data`. @returns the exit code */
export async function runVerify(data: string, flags: VerifyFlags, terminal: Terminal): Promise<number> {
  const { output, messages, stop } = terminal
  const cycles = readCycles(flags.definition)
  const { records, others } = checkFolded(data, cycles)
  const names = cycles.map(({ cycle }) => cycle).join(', ')
  messages.write(`rondo: verifying ${data}: ${cycles.length === 1 ? 'the cycle' : 'the cycles'} ${names}, ${records} records of the log.\n`)
  let isEqual = true
  for (const cycle of cycles) {
    const compare = (given: Parameters<Parameters<typeof writeVerdict>[0]['compare']>[0]) =>
      verifyCycle({ data, archive: flags.archive, cycle, stop, ...given })
    isEqual = (await writeVerdict({ cycle: cycle.cycle, scratch: flags.scratch, compare }, terminal)) && isEqual
  }
  for (const cycle of others) output.write(`${cycle}: not verified, no definition names it\n`)
  return isEqual ? exitCodes.done : exitCodes.failed
}

function readCycles(paths: readonly string[]): CompiledCycle[] {
  const defects = new ArgumentDefects()
  const definitions = readDefinitionFlags(paths, defects).flatMap(({ definition }) => definition ?? [])
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
