import { accessSync, constants, fstatSync, statSync } from 'node:fs'
import { RondoError } from '#contracts'
import type { Input } from '#sources'
import type { Complaints } from '../complaints.ts'
import { fileReason, invalidArgument } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { TextFile, type TextOutput } from '../text-output.ts'
import type { ReplayFlags } from './replay-plan.ts'

export interface ReplayFiles {
  readonly input: Input
  readonly output: TextOutput
  readonly late: TextOutput | undefined
}

/** Looks for everything that a replay reads and writes before it begins; no file is changed yet. */
export function openFiles(flags: ReplayFlags, terminal: Terminal, complaints: Complaints): ReplayFiles | undefined {
  const { input: path } = flags
  if (path === undefined) complaints.add('--input FILE is missing: the events; - for standard input.')
  else complaints.try(() => checkInput(path))
  const taken = new Map([
    ...(path === undefined ? [] : [['--input', identityOf(path)] as const]),
    ...(flags.definition === undefined ? [] : [['--definition', identityOf(flags.definition)] as const]),
  ])
  const write = (option: string, target: string): TextOutput | undefined => complaints.try(() => openTarget(option, target, taken))
  if (flags.late === '-') return complaints.add('--late: expected a file.')
  const output = flags.output === '-' ? terminal.output : write('--output', flags.output)
  const late = flags.late === undefined ? undefined : write('--late', flags.late)
  if (path === undefined || output === undefined || (flags.late !== undefined && late === undefined)) return undefined
  return { input: { path, stdin: terminal.input }, output, late }
}

function checkInput(path: string): void {
  if (path === '-') return
  try {
    accessSync(path, constants.R_OK)
    if (!statSync(path).isDirectory()) return
  } catch (error) {
    throw new RondoError('RONDO_INPUT_UNREADABLE', `--input ${path} cannot be read: ${fileReason(error)}.`, { cause: error })
  }
  throw new RondoError('RONDO_INPUT_UNREADABLE', `--input ${path} cannot be read: it is a folder.`)
}

/** Opens a file to write unless it is one that is read, or written already: what is in it would be lost. */
function openTarget(option: string, path: string, taken: Map<string, string | undefined>): TextOutput {
  const before = identityOf(path)
  const file = before !== undefined && [...taken].find(([, identity]) => identity === before)
  if (file) throw invalidArgument(`${option} ${path} is the same file as ${file[0]}.`)
  const { descriptor, output } = new TextFile(option, path)
  const stat = fstatSync(descriptor)
  if (stat.isFile()) taken.set(option, `${stat.dev} ${stat.ino}`)
  return output
}

/** Tells files apart however they are named; undefined for what is no file (a device may well be named twice). */
function identityOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() ? `${stat.dev} ${stat.ino}` : undefined
}
