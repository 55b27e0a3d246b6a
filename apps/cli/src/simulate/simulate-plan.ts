import type { RondoError } from '#contracts'
import { DAY_MS, type EcosystemSettings } from '#simulation'
import { ArgumentDefects, readCount, readInstant } from '../argument-defects.ts'
import { Server } from '../server/server.ts'
import type { Terminal } from '../terminal.ts'
import { fileOutput, type TextOutput } from '../text-output.ts'
import type { SimulateFlags } from './simulate-flags.ts'

/** Limits of what is kept in memory: some 25 bytes a listener, and 16 bits for a day. */
const ACTORS_MAX = 10_000_000
const DAYS_MAX = 3650
const SPEED_MAX = 1_000_000
const SEED_MAX = 0x7fff_ffff

/** A checked command line. */
export interface SimulatePlan {
  readonly ecosystem: EcosystemSettings
  readonly output: TextOutput
  readonly truth: TextOutput | undefined
  /** Where the life after the days is sent; undefined if the days are written. */
  readonly live: { readonly server: Server; readonly speed: number } | undefined
}

/** Reads the arguments of `rondo simulate`, and the defects of all of them together. */
export function readSimulatePlan(flags: SimulateFlags, surplus: readonly string[], terminal: Terminal): SimulatePlan | readonly RondoError[] {
  const defects = new ArgumentDefects()
  defects.addSurplus('simulate', surplus)
  const ecosystem = readEcosystem(flags, terminal, defects)
  const speed = readLimited('--speed', flags.speed.replace(/x$/, ''), SPEED_MAX, defects)
  const { url, truth: truthPath } = flags
  const server = url === undefined ? undefined : defects.try(() => new Server(url, terminal.stop))
  checkTruth(flags, defects)
  const output = flags.output === '-' ? terminal.output : defects.try(() => fileOutput('--output', flags.output))
  const truth = truthPath === undefined || truthPath === '-' ? undefined : defects.try(() => fileOutput('--truth', truthPath))
  if (defects.failures.length > 0 || ecosystem === undefined || speed === undefined || output === undefined) return defects.failures
  return { ecosystem, output, truth, live: server === undefined ? undefined : { server, speed } }
}

function readEcosystem(flags: SimulateFlags, terminal: Terminal, defects: ArgumentDefects): EcosystemSettings | undefined {
  const listeners = readLimited('--listeners', flags.listeners, ACTORS_MAX, defects)
  const musicians = readLimited('--musicians', flags.musicians, ACTORS_MAX, defects)
  const days = readLimited('--days', flags.days, DAYS_MAX, defects)
  const seed = readLimited('--seed', flags.seed, SEED_MAX, defects)
  const until = readUntil(flags.until, terminal, defects)
  if (!listeners || !musicians || !days || !seed || until === undefined) return undefined
  return { seed, listeners, musicians, from: until - days * DAY_MS, days, isNull: flags.null === true }
}

function checkTruth({ truth, output, url }: SimulateFlags, defects: ArgumentDefects): void {
  if (truth === undefined) return
  if (truth === '-') defects.add('--truth: expected a file; standard output is for the events.')
  else if (truth === output) defects.add(`--truth ${truth} is the same file as --output.`)
  else if (url !== undefined) defects.add('--truth: what is sent with --url has no end, so its truth is not written. Write it with the days.')
}

function readLimited(option: string, text: string, max: number, defects: ArgumentDefects): number | undefined {
  const count = readCount(option, text, defects)
  return count === undefined || count <= max ? count : defects.add(`${option}: expected at most ${max}, found ${text}.`)
}

function readUntil(text: string | undefined, { clock }: Terminal, defects: ArgumentDefects): number | undefined {
  if (text === undefined) return Math.floor(clock.now() / DAY_MS) * DAY_MS
  const until = readInstant('--until', text, defects)
  return until === undefined || until % DAY_MS === 0
    ? until
    : defects.add(`--until: expected a midnight of UTC, such as 2026-11-01, found ${JSON.stringify(text)}.`)
}
