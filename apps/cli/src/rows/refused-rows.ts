import type { ProgressLine } from '../progress-line.ts'
import { inputName } from './input-file.ts'

/** The number of refused rows that are reported one by one; the others are counted. */
export const REFUSALS_NAMED_MAX = 100

/** A refused row as the command prints it. */
interface NamedRefusal {
  readonly line: number
  readonly code: string
  readonly reason: string
}

/** Reports the first refused rows of an input, each with its line. */
export function refusalReporter(path: string, progress: Pick<ProgressLine, 'print'>): (row: NamedRefusal) => void {
  const name = inputName(path)
  let named = 0
  return ({ line, code, reason }) => {
    named += 1
    if (named <= REFUSALS_NAMED_MAX) progress.print(`${name}:${line}: ${reason} (${code})\n`)
  }
}
