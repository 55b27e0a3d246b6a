import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import type { CycleDefinition } from '#contracts'
import { compileCycle, readDefinition } from '#cycle'
import { openCycleFolder } from '#projections'
import { phasesAtDeath, temporaryFolder } from '#runtime'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import { SeededRandom } from '../fixtures/seeded-random.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { framesOf, live } from '../pipeline/owner-life.ts'
import { expectedRelations } from './expected-relations.ts'
import { FollowedFolder } from './followed-folder.ts'
import { LongLog } from './long-log.ts'

const isLong = process.env['RONDO_TEST_LONG'] === '1'
const seed = Number(process.env['RONDO_TEST_SEED'] ?? Math.floor(Date.now() / 1000))
const phases = ['history-batch', 'history-positions', 'history-commit'] as const
const edges = phases.flatMap((phase) => [`${phase} enter`, `${phase} leave`])
/** Where kills come: at each edge once, and as often at a random instant after the first batch has begun. */
const aims = edges.flatMap((edge) => [edge, 'anywhere'])
const KILLS_PER_FOLDER = 6
const FOLDERS = isLong ? 10 : aims.length / KILLS_PER_FOLDER
const EVENTS_A_LIFE = 300
const RANDOM_MS_MAX = 250
/** Longer than a busy machine needs to see it: the kill ends it. */
const HOLD_MS = 60_000
const ACTORS = 400
const limits = { bytesAtOnce: 1 << 20, outputsMax: 1000, firingsAtOnce: 1000, checkpointRound: 10_000 }

const { definition: read } = readDefinition(PULSE, 'pulse.yaml')
const pulse = read as CycleDefinition
const following = join(import.meta.dirname, 'following-process.ts')

/** Appends to the log, and folds it: both go on while history is dead. */
async function goOn(path: string, log: readonly LogRecord[]): Promise<void> {
  const folder = openCycleFolder(path, compileCycle(pulse))
  await folder.writer.append(0, framesOf(log, [5, 40, 1]))
  await live(folder, pulse, { limits, life: undefined })
  await folder.close()
}

/** One process that follows, killed. @returns the phases that had begun and not ended */
async function killOnce(home: string, aim: string, random: SeededRandom): Promise<string[]> {
  const faultLog = join(home, 'faults')
  writeFileSync(faultLog, '')
  const args = [join(home, 'data'), join(home, 'history.duckdb'), String(random.between(5, 200))]
  const afterMs = random.between(0, RANDOM_MS_MAX)
  const hold: Record<string, string> = aim === 'anywhere' ? {} : { RONDO_FAULT_HOLD: `${aim} ${HOLD_MS}` }
  const child = spawn(process.execPath, ['--conditions=rondo-source', '--disable-warning=ExperimentalWarning', following, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, RONDO_FAULT_LOG: faultLog, ...hold },
  })
  const ended = once(child, 'close')
  const sign = aim === 'anywhere' ? 'history-batch enter\n' : ' held\n'
  await eventually(
    () => child.exitCode !== null || (existsSync(faultLog) && readFileSync(faultLog, 'utf8').includes(sign)),
    (isSeen) => isSeen,
  )
  if (aim === 'anywhere') await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
  expect(child.signalCode).toBe('SIGKILL')
  return [...new Set(phasesAtDeath(readFileSync(faultLog, 'utf8'), child.pid ?? 0))].filter((phase) => phase.startsWith('history'))
}

async function followedToEnd(path: string, file?: string) {
  const followed = await FollowedFolder.open(pulse, path, file)
  try {
    await followed.follow()
    return { relations: await followed.relations(), feed: await followed.feed(), rebuilt: followed.history.rebuilt }
  } finally {
    await followed.close()
  }
}

describe('a history whose follower is killed repeatedly', () => {
  const fell: string[] = []
  process.stderr.write(`The seed of the kills of histories is ${seed} (RONDO_TEST_SEED).\n`)

  it.each(Array.from({ length: FOLDERS }, (_, folder) => folder))('has the relations of one that was never killed (folder %i)', async (folder) => {
    using home = temporaryFolder()
    const path = join(home.path, 'data')
    const random = new SeededRandom(seed + folder)
    const source = new LongLog(seed + folder, ACTORS)
    const log: LogRecord[] = [{ record: 'writer.open', writer: 'w', time: '2026-03-01T00:00:00.000Z' }]
    await goOn(path, log)
    for (let kill = 0; kill < KILLS_PER_FOLDER; kill++) {
      const part = source.next(EVENTS_A_LIFE)
      log.push(...part)
      await goOn(path, part)
      fell.push(...(await killOnce(home.path, aims[(folder * KILLS_PER_FOLDER + kill) % aims.length] as string, random)))
    }

    const killed = await followedToEnd(path, join(home.path, 'history.duckdb'))
    const undisturbed = await followedToEnd(path)
    const expected = expectedRelations(pulse, log, killed.feed)
    for (const relation of ['transitions', 'stays', 'active', 'traits'] as const) {
      expect(killed.relations[relation].length).toBeGreaterThan(100)
      expect(killed.relations[relation]).toEqual(undisturbed.relations[relation])
      expect(killed.relations[relation]).toEqual(expected[relation])
    }
    // It continued each time; a history that a kill had damaged would be made again.
    expect(killed.rebuilt).toBe(undefined)
  })

  it('was killed in every phase at least once', () => {
    expect(phases.filter((phase) => !fell.includes(phase))).toEqual([])
  })
})
