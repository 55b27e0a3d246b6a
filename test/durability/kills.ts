import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { phasesAtDeath } from '#runtime'
import { launchApp, type RunningApp } from '../fixtures/processes/running-app.ts'
import type { Importer } from './importer.ts'
import type { Load } from './load.ts'

/** The point of a kill: a random time, or the beginning or the end of a phase. */
export type Aim = 'anywhere' | `${Phase} ${'enter' | 'leave'}`
/** The phases of a process in which a kill should happen at least once. */
export const phases = [
  'group-commit',
  'state-transaction',
  'checkpoint',
  'restore',
  'import',
  'release',
  'history-batch',
  'history-positions',
  'history-commit',
] as const
/** The name of a phase: see {@link phases}. */
type Phase = (typeof phases)[number]

/** One process from its start to its kill. */
export interface Round {
  readonly aim: Aim
  /** The folder of the process, and of its fault log. */
  readonly folder: string
  /** The files of its cycles. */
  readonly definitions: readonly string[]
  readonly load: Load
  readonly importer: Importer
}

const RANDOM_MS_MAX = 1500
/** The time that the process waits at the chosen point. A busy machine needs less to see it in the fault log. */
const HOLD_MS = 150
const POLL_MS = 3
/** The longest wait for the chosen phase, which may not happen. */
const AIM_MS_MAX = 20_000

/**
 * Starts the process, sends load to it, and kills it.
 * @returns the phases that had begun and not ended at the kill
 */
export async function killOnce({ aim, folder, definitions, load, importer }: Round): Promise<string[]> {
  const faultLog = join(folder, 'faults')
  writeFileSync(faultLog, '')
  const hold: Record<string, string> = aim === 'anywhere' ? {} : { RONDO_FAULT_HOLD: `${aim} ${HOLD_MS}` }
  const app = await launchApp({
    args: ['--data', join(folder, 'data'), '--definition', definitions.join(','), '--short-grace', '--catch-up', '500ms'],
    env: { RONDO_FAULT_LOG: faultLog, ...hold },
  })
  const clients = drive(app, load, importer)
  // A restore happens before the app listens. An import begins at once and is short, so those kills come without a random wait.
  if (!aim.startsWith('restore')) await app.listens()
  if (!/^(restore|import|release)/.test(aim)) await sleep(Math.random() * RANDOM_MS_MAX)
  if (aim !== 'anywhere') await held(faultLog)
  if (app.child.exitCode !== null) throw new TypeError(`it ended by itself: ${app.errors}`)
  await app.kill()
  await clients
  return [...new Set(phasesAtDeath(readFileSync(faultLog, 'utf8'), app.child.pid ?? 0))]
}

/** Sends load to the process from its start until its end. */
async function drive(app: RunningApp, load: Load, importer: Importer): Promise<void> {
  await app.listens()
  if (app.url === '') return
  load.start(app.url)
  await Promise.all([importer.run(app.url), app.ended])
  await load.stop()
}

/** Waits until the process has stopped at the given point. */
async function held(faultLog: string): Promise<void> {
  const file = openSync(faultLog, 'r')
  const bytes = Buffer.alloc(65_536)
  let at = statSync(faultLog).size
  for (const until = Date.now() + AIM_MS_MAX; Date.now() < until; await sleep(POLL_MS)) {
    const length = readSync(file, bytes, 0, bytes.length, at)
    if (bytes.subarray(0, length).includes(' held\n')) break
    at += length
  }
  closeSync(file)
}
