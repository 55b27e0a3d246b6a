import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { CycleDefinition, RondoError } from '#contracts'
import { compileCycle, identityOf, readDefinition } from '#cycle'
import type { DataFolder } from '#event-log'
import { CycleHistory, HistoryFile } from '#history'
import { openCycleFolder } from '#projections'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { folderHistory } from '../../apps/serving/src/history/folder-history.ts'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { framesOf, live } from '../pipeline/owner-life.ts'
import type { Relations } from './expected-relations.ts'
import { relationsOf } from './followed-folder.ts'
import { LongLog } from './long-log.ts'

const limits = { bytesAtOnce: 1 << 20, outputsMax: 1000, firingsAtOnce: 1000, checkpointRound: 10_000 }
const pulse = readDefinition(PULSE, 'pulse.yaml').definition as CycleDefinition

/** DuckDB has three headers of 4 KB, then blocks. */
const HEADERS = 12_288
const BLOCK = 262_144

function overwrite(path: string, at: number, length: number): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(length, 0x5a), 0, length, at)
  closeSync(file)
}

/** A history that is kept up to date, with what it reported. */
interface Kept {
  readonly history: CycleHistory
  readonly rebuilt: string[]
  readonly failures: RondoError[]
}

describe('the history of a cycle whose file is unusable', () => {
  let home: TemporaryFolder
  let folder: DataFolder
  let expected: Relations
  let intact: string
  let files = 0
  const running: CycleHistory[] = []

  function keep(path: string): Kept {
    const [rebuilt, failures]: [string[], RondoError[]] = [[], []]
    const history = new CycleHistory({
      cycle: compileCycle(pulse),
      generation: 1,
      path,
      source: () => folderHistory(folder, folder),
      report: { rebuilt: (reason) => void rebuilt.push(reason), failed: (failure) => void failures.push(failure) },
      pauseMs: 10,
    })
    running.push(history)
    history.start()
    return { history, rebuilt, failures }
  }

  const follows = async ({ history }: Kept): Promise<void> => {
    await eventually(
      () => [history.failure?.message, Number.isFinite(history.completeTo)],
      ([failure, isComplete]) => failure === undefined && isComplete === true,
    )
  }

  /** A copy of the file of a history that was followed to its end. */
  function copied(): string {
    const path = join(home.path, `copy-${files++}.duckdb`)
    copyFileSync(intact, path)
    return path
  }

  beforeAll(async () => {
    home = temporaryFolder()
    folder = openCycleFolder(join(home.path, 'data'), compileCycle(pulse))
    const log: LogRecord[] = [{ record: 'writer.open', writer: 'w', time: '2026-03-01T00:00:00.000Z' }, ...new LongLog(7, 100).next(3000)]
    await folder.writer.append(0, framesOf(log, [20]))
    await live(folder, pulse, { limits, life: undefined })
    intact = join(home.path, 'intact.duckdb')
    const kept = keep(intact)
    await follows(kept)
    expected = await relationsOf(kept.history)
    expect(expected.stays.length).toBeGreaterThan(1000)
    await kept.history.stop()
    expect([kept.rebuilt, kept.failures]).toEqual([['missing'], []])
  })
  afterAll(async () => {
    await Promise.all(running.map((history) => history.stop()))
    await folder.close()
    home[Symbol.dispose]()
  })

  it('continues where it was if nothing is wrong', async () => {
    const kept = keep(copied())
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
    expect([kept.rebuilt, kept.failures]).toEqual([[], []])
  })

  it('removes the files of exports that a killed process has left, and no others', async () => {
    const place = join(home.path, 'exports')
    mkdirSync(place)
    const path = join(place, 'history.duckdb')
    copyFileSync(intact, path)
    const others = ['export-pulse-other-a1B2c3', 'export-pulse', 'export-pulse-a1B2c3.csv']
    for (const name of ['export-pulse-a1B2c3', 'export-pulse-ZZZZZZ', ...others]) mkdirSync(join(place, name))
    writeFileSync(join(place, 'export-pulse-a1B2c3', 'rows'), 'half of a file')
    const kept = keep(path)
    await follows(kept)
    expect(readdirSync(place).filter((name) => name.startsWith('export-'))).toEqual(others.sort())
  })

  it.each([
    ['is empty', (path: string) => truncateSync(path, 0)],
    ['is cut off in its header', (path: string) => truncateSync(path, 3000)],
    ['is cut off in the middle', (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['has another beginning', (path: string) => overwrite(path, 0, HEADERS)],
    ['is overwritten behind its headers', (path: string) => overwrite(path, HEADERS, statSync(path).size - HEADERS)],
    ['is a text', (path: string) => writeFileSync(path, 'stage,count\n'.repeat(2000))],
  ])('is made again from the feed and the log if it %s, and the file is kept aside', async (_, damage) => {
    const path = copied()
    damage(path)
    const damaged = readFileSync(path)
    const kept = keep(path)
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
    expect([kept.rebuilt, kept.failures]).toEqual([['damaged'], []])
    expect(readFileSync(`${path}.damaged`).equals(damaged)).toBe(true)
  })

  it('is made again if a question meets a damaged block that no batch reads', async () => {
    const path = copied()
    for (let at = HEADERS; at < statSync(path).size; at += BLOCK) overwrite(path, at + BLOCK / 2, 8)
    const kept = keep(path)
    await eventually(
      async () =>
        (await kept.history.rows('SELECT count(DISTINCT cause) FROM transitions').catch(({ code }: RondoError) => code)) === 'RONDO_HISTORY_UNAVAILABLE' ||
        kept.rebuilt.length > 0,
      (isRefused) => isRefused,
    )
    await eventually(
      () => kept.rebuilt,
      (reasons) => reasons.length > 0,
    )
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
  })

  it('continues from the last checkpoint if what follows it is no log of changes', async () => {
    const path = copied()
    writeFileSync(`${path}.wal`, 'x'.repeat(5000))
    const kept = keep(path)
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
  })

  it('is made again if it was deleted, also where its log of changes was left', async () => {
    const path = copied()
    writeFileSync(`${path}.wal`, readFileSync(intact))
    rmSync(path)
    const kept = keep(path)
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
    expect([kept.rebuilt, kept.failures]).toEqual([['missing'], []])
  })

  it.each([
    ['another layout', 'layout', (file: HistoryFile) => file.rows("UPDATE meta SET value = '0' WHERE name = 'layout'")],
    ['another definition', 'identity', (file: HistoryFile) => file.rows("UPDATE meta SET value = 'abc' WHERE name = 'definition'")],
    ['another generation', 'identity', (file: HistoryFile) => file.rows("UPDATE meta SET value = '2' WHERE name = 'generation'")],
    [
      'another log',
      'identity',
      (file: HistoryFile) => file.rows("UPDATE meta SET value = 'abc' WHERE name NOT IN ('cycle', 'definition', 'generation', 'layout', 'partitions')"),
    ],
    ['another number of partitions', 'identity', (file: HistoryFile) => file.rows("UPDATE meta SET value = '3' WHERE name = 'partitions'")],
  ])('is made again if it is of %s', async (_, reason, change) => {
    const path = copied()
    const source = await folderHistory(folder, folder)
    const cycle = compileCycle(pulse)
    const file = await HistoryFile.open({ path, actorType: 'user', partitions: 1, identity: { ...identityOf(cycle, 1), ...source.log } })
    await source.close()
    expect(file.rebuilt).toBe(undefined)
    await change(file)
    await file.close()
    const kept = keep(path)
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
    expect([kept.rebuilt, kept.failures]).toEqual([[reason], []])
    expect(existsSync(`${path}.damaged`)).toBe(false)
  })

  it.each([
    [
      'DuckDB',
      async (path: string) => {
        const instance = await DuckDBInstance.create(path)
        const connection = await instance.connect()
        await connection.run('CREATE TABLE sales AS SELECT * FROM range(1000)')
        connection.closeSync()
        instance.closeSync()
      },
    ],
    [
      'SQLite',
      async (path: string) => {
        const db = new DatabaseSync(path)
        db.exec('CREATE TABLE sales (n INTEGER)')
        db.close()
      },
    ],
  ])('is left alone if it is a file of %s of another program, and says so until somebody moves it away', async (_, make) => {
    const path = join(home.path, `foreign-${files++}.duckdb`)
    await make(path)
    const foreign = readFileSync(path)
    const kept = keep(path)
    await eventually(
      () => kept.failures.map(({ code }) => code),
      (codes) => codes.length > 1,
    )
    expect(kept.failures[0]).toMatchObject({ code: 'RONDO_DATA_FOREIGN', message: expect.stringContaining(path) })
    await expect(kept.history.asOf()).rejects.toMatchObject({ code: 'RONDO_HISTORY_UNAVAILABLE', message: expect.stringContaining('RONDO_DATA_FOREIGN') })
    expect(readFileSync(path).equals(foreign)).toBe(true)
    renameSync(path, `${path}.mine`)
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
  })

  it('is followed as soon as another process no longer holds it', async () => {
    const path = copied()
    const source = `const { DuckDBInstance } = await import('@duckdb/node-api'); await DuckDBInstance.create(${JSON.stringify(path)}); console.log('open'); setInterval(() => {}, 1e6)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const kept = keep(path)
    await eventually(
      () => kept.failures.map(({ code }) => code),
      (codes) => codes.length > 1,
    )
    expect(kept.failures[0]).toMatchObject({ code: 'RONDO_DATA_LOCKED', retriable: true, message: expect.stringContaining('another process') })
    await expect(kept.history.rows('FROM as_of')).rejects.toMatchObject({ code: 'RONDO_HISTORY_UNAVAILABLE', retriable: true })
    child.kill('SIGKILL')
    await once(child, 'close')
    await follows(kept)
    expect(await relationsOf(kept.history)).toEqual(expected)
    expect(kept.rebuilt).toEqual([])
  })

  it('is refused to a second history of the same process', async () => {
    const path = copied()
    const first = keep(path)
    await follows(first)
    const second = keep(path)
    await eventually(
      () => second.failures.map(({ code }) => code),
      (codes) => codes.includes('RONDO_DATA_LOCKED'),
    )
    expect(await relationsOf(first.history)).toEqual(expected)
    await first.history.stop()
    await follows(second)
    expect(await relationsOf(second.history)).toEqual(expected)
  })
})
