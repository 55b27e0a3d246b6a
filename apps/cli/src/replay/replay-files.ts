import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Input } from '#sources'
import type { ArgumentDefects } from '../argument-defects.ts'
import { invalidArgument } from '../failure.ts'
import { readInputPath } from '../rows/input-file.ts'
import { readEncoding } from '../rows/span-flags.ts'
import type { Terminal } from '../terminal.ts'
import { fileOutput, type TextOutput } from '../text-output.ts'
import type { ReplayFlags } from './replay-flags.ts'

/** The files that a replay reads and writes. */
export interface ReplayFiles {
  readonly input: Input
  readonly output: TextOutput
  readonly late: TextOutput | undefined
}

/** Checks all files that a replay reads and writes before it begins; no file is changed yet. */
export function openFiles(flags: ReplayFlags, terminal: Terminal, defects: ArgumentDefects): ReplayFiles | undefined {
  const { definition } = flags
  const path = readInputPath(flags.input, defects)
  const encoding = readEncoding(flags, defects)
  if (flags.late === '-') defects.add('--late: expected a file; standard output is for the transitions.')
  const taken = new Map([
    ['--input', path === undefined ? undefined : identityOf(path)],
    ['--definition', definition === undefined ? undefined : identityOf(definition)],
  ])
  const output = flags.output === '-' ? terminal.output : defects.try(() => openTarget('--output', flags.output, taken))
  const late = openLate(flags.late, taken, defects)
  return path === undefined || output === undefined ? undefined : { input: { path, stdin: terminal.input, encoding }, output, late }
}

function openLate(path: string | undefined, taken: Map<string, string | undefined>, defects: ArgumentDefects): TextOutput | undefined {
  return path === undefined || path === '-' ? undefined : defects.try(() => openTarget('--late', path, taken))
}

/** An output file. It is refused if it is also an input or another output, whose content would be lost. */
function openTarget(option: string, path: string, taken: Map<string, string | undefined>): TextOutput {
  const identity = identityOf(path)
  const other = identity === undefined ? undefined : [...taken].find(([, file]) => file === identity)
  if (other !== undefined) throw invalidArgument(`${option} ${path} is the same file as ${other[0]}.`)
  taken.set(option, identity)
  return fileOutput(option, path)
}

/** Identifies a file, whatever its path; undefined for devices, which may be named twice. */
function identityOf(path: string): string | undefined {
  try {
    const stat = statSync(path)
    return stat.isFile() ? `${stat.dev} ${stat.ino}` : undefined
  } catch {
    // A file that cannot be checked is refused when it is opened; two names of a file that does not exist yet are the same name.
    return resolve(path)
  }
}
