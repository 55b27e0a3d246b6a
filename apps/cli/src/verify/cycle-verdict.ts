import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { ProgressLine } from '../progress-line.ts'
import type { Terminal } from '../terminal.ts'
import { Differences } from './differences.ts'
import type { Verified } from './verify-cycle.ts'

/** What the comparison of one cycle is given. */
export interface Comparison {
  /** An empty folder, which is deleted afterwards. */
  readonly scratch: string
  readonly differences: Differences
  readonly show: (text: () => string) => Promise<void>
}

/** What is verified of a cycle, for its verdict. */
export interface VerifiedCycle {
  readonly cycle: string
  /** Where the scratch folder is made; the folder for temporary files unless set. */
  readonly scratch: string | undefined
  readonly compare: (comparison: Comparison) => Promise<Verified>
}

/** Compares one cycle, with its progress and its first differences, and writes the verdict. @returns whether all is equal */
export async function writeVerdict({ cycle, scratch: place, compare }: VerifiedCycle, { output, messages, clock }: Terminal): Promise<boolean> {
  const progress = new ProgressLine(messages, clock)
  const differences = new Differences((text) => progress.print(`rondo: ${cycle}: ${text}\n`))
  using scratch = makeScratch(place)
  try {
    const verified = await compare({ scratch: scratch.path, differences, show: (text) => progress.show(() => `rondo: ${cycle}: ${text()}`) })
    progress.clear()
    output.write(`${verdict(cycle, verified, differences)}\n`)
  } finally {
    progress.clear()
  }
  return differences.counts.size === 0
}

function makeScratch(folder: string | undefined): TemporaryFolder {
  if (folder === undefined) return temporaryFolder()
  mkdirSync(folder, { recursive: true })
  const path = mkdtempSync(join(folder, 'rondo-verify-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

function verdict(cycle: string, { outputs, actors, rows }: Verified, { counts }: Differences): string {
  const models = actors === undefined ? 'no read models: RONDO_REDIS is not set' : `${actors} actors`
  const compared = `${outputs} outputs, ${models}, ${typeof rows === 'string' ? rows : `${rows} rows of history`}`
  if (counts.size === 0) return `${cycle}: no difference (${compared}). All of it follows from the log.`
  const found = [...counts].map(([part, count]) => `${count} in ${part}`).join(', ')
  return `${cycle}: DIFFERENT (${found}; ${compared}). What is stored does not follow from the log.`
}
