import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { FolderArchive, readArchive, verifyArchive, wholeLog } from '#archive'
import { formatInstant } from '#contracts'
import { compileCycle } from '#cycle'
import { FolderHistory, type LogRecord, type OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'
import { cycleLogReader, openCycleFolder } from '#projections'
import { phasesAtDeath, temporaryFolder } from '#runtime'
import { presence } from '../fixtures/cycles/presence.ts'
import { eventually } from '../fixtures/eventually.ts'
import { SeededRandom } from '../fixtures/seeded-random.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const seed = Number(process.env['RONDO_TEST_SEED'] ?? Math.floor(Date.now() / 1000))
const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 1)
const DAYS = 12
const FRAMES_A_DAY = 200
/** A restore folds again from about here: the older part of the log can be trimmed. */
const CHECKPOINT_ROUND = 256
/** Longer than a busy machine needs to see it: the kill ends it. */
const HOLD_MS = 60_000
const RANDOM_MS_MAX = 120
const phases = ['archive-rename', 'group-commit', 'log-compact']
const edgesOf = (phase: string): string[] => [`${phase} enter`, `${phase} leave`]
/** Where kills come: at each edge once, and at random instants after the first file has begun. Those may be the last that find work, but for the compaction. */
const aims = [...['archive-rename', 'group-commit'].flatMap(edgesOf), ...Array<string>(6).fill('anywhere'), ...edgesOf('log-compact')]
const ROUNDS = isLong ? 10 : 1
const cycle = compileCycle(presence)
const archiving = join(import.meta.dirname, 'archiving-process.ts')

const home = temporaryFolder()
const path = (name: string): string => join(home.path, name)
let feed: string[]
let records: LogRecord[]

/** Folds a log to its end. @returns the feed */
async function fold(data: string): Promise<string[]> {
  const folder = openCycleFolder(data, cycle)
  const reader = cycleLogReader(data, { openArchive: async (archive, log) => new FolderArchive(archive, log) })
  const end = new AbortController()
  try {
    const owned = await new Promise<OwnedPartition>((resolve, reject) => {
      reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
    })
    const report = (progress: { kind: string; offset?: number }): void => {
      if (progress.kind === 'committed' && progress.offset === DAYS * FRAMES_A_DAY - 1) end.abort()
    }
    await runPartition(owned, cycle, { signal: end.signal, waitMs: 0, limits: { bytesAtOnce: 20_000, checkpointRound: CHECKPOINT_ROUND }, report })
    const state = folder.stateReader()
    const outputs = await state.read(0, 100_000)
    state.close()
    return outputs.map(({ output }) => output)
  } finally {
    await reader.close()
    await folder.close()
  }
}

/** Every record of archive and log, read as one. */
async function recordsOf(data: string, archive: string): Promise<LogRecord[]> {
  const log = new FolderHistory(data)
  const archived = new FolderArchive(archive, log.name)
  try {
    const found: LogRecord[] = []
    for await (const record of wholeLog(archived, log, 0)) found.push(record)
    return found
  } finally {
    await archived.close()
    log.close()
  }
}

const contentsOf = (archive: string) => readArchive(archive).flatMap(({ files }) => files.map(({ path, content, sha256 }) => ({ path, content, sha256 })))
const beginOf = async (data: string): Promise<number> => {
  const log = new FolderHistory(data)
  const { begin } = await log.bounds(0)
  log.close()
  return begin
}

function start(data: string, archive: string, env: Record<string, string> = {}) {
  const args = [data, archive, String(START), String(DAYS)]
  const child = spawn(process.execPath, ['--conditions=rondo-source', '--disable-warning=ExperimentalWarning', archiving, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  })
  return { child, ended: once(child, 'close') }
}

/** @returns the phases that had begun and not ended; undefined if the process had done everything before */
async function killOnce(data: string, archive: string, aim: string, afterMs: number): Promise<string[] | undefined> {
  const faultLog = path('faults')
  writeFileSync(faultLog, '')
  const hold: Record<string, string> = aim === 'anywhere' ? {} : { RONDO_FAULT_HOLD: `${aim} ${HOLD_MS}` }
  const { child, ended } = start(data, archive, { RONDO_FAULT_LOG: faultLog, ...hold })
  const sign = aim === 'anywhere' ? ' enter\n' : ' held\n'
  await eventually(
    () => child.exitCode !== null || (existsSync(faultLog) && readFileSync(faultLog, 'utf8').includes(sign)),
    (isSeen) => isSeen,
  )
  if (aim === 'anywhere') await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
  return child.signalCode === 'SIGKILL' ? phasesAtDeath(readFileSync(faultLog, 'utf8'), child.pid ?? 0) : undefined
}

beforeAll(async () => {
  const folder = openCycleFolder(path('original'), cycle)
  const frames = Array.from({ length: DAYS * FRAMES_A_DAY }, (_, n) => {
    const time = formatInstant(START + (n * DAY_MS) / FRAMES_A_DAY)
    const event = { id: `e${n}`, type: 'track', event: 'Visit', actor: { type: 'user', id: `u${(n * n + n) % 97}` }, time, receivedAt: time, properties: { n } }
    return `${JSON.stringify(event)}\n${JSON.stringify({ record: 'tick', writer: 'w', time })}`
  })
  await folder.writer.append(0, frames)
  await folder.close()
  feed = await fold(path('original'))
  const log = new FolderHistory(path('original'))
  records = []
  for await (const record of log.records(0, 0)) records.push(record)
  log.close()
  cpSync(path('original'), path('undisturbed'), { recursive: true })
  expect(await start(path('undisturbed'), path('undisturbed-archive')).ended).toEqual([0, null])
})
afterAll(() => home[Symbol.dispose]())

describe('a log that is archived and trimmed by a process which is killed repeatedly', () => {
  const fell = new Set<string>()
  const begins = new Set<number>()
  process.stderr.write(`The seed of the kills of archives is ${seed} (RONDO_TEST_SEED).\n`)

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'has every record once after each kill, and at its end the archive and the rebuild of an undisturbed one (round %i)',
    async (round) => {
      const [data, archive] = [path(`data-${round}`), path(`archive-${round}`)]
      cpSync(path('original'), data, { recursive: true })
      const random = new SeededRandom(seed + round)
      for (const aim of aims) {
        const died = await killOnce(data, archive, aim, random.between(0, RANDOM_MS_MAX))
        for (const phase of died ?? []) fell.add(phase)
        if (existsSync(archive)) expect(await recordsOf(data, archive)).toEqual(records)
        begins.add(await beginOf(data))
      }
      expect(await start(data, archive).ended).toEqual([0, null])
      await verifyArchive(archive)
      expect(contentsOf(archive)).toEqual(contentsOf(path('undisturbed-archive')))
      expect(await beginOf(data)).toBe(await beginOf(path('undisturbed')))
      expect(statSync(join(data, 'log.db')).size).toBeLessThan(0.5 * statSync(path('original/log.db')).size)
      for (const name of readdirSync(data)) if (name.startsWith('state.db')) rmSync(join(data, name))
      expect(await fold(data)).toEqual(feed)
    },
  )

  it('was killed in every phase, before and after parts of the log had left it', () => {
    expect(phases.filter((phase) => !fell.has(phase))).toEqual([])
    expect(begins.size).toBeGreaterThan(1)
  })
})
