import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { writeArchive } from '#archive'
import type { CycleDefinition, Position } from '#contracts'
import { compileCycle, readDefinition } from '#cycle'
import { type CommitBatch, FolderHistory, type OwnedPartition, trimLog } from '#event-log'
import { runPartition } from '#pipeline'
import { openCycleFolder } from '#projections'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { PULSE } from '../../../../test/fixtures/cycles/pulse.ts'
import { commandFilesForTests, rondo } from '../../../../test/fixtures/processes/command-in-process.ts'
import { FollowedFolder } from '../../../../test/history/followed-folder.ts'
import { LongLog } from '../../../../test/history/long-log.ts'

const definition = readDefinition(PULSE, 'pulse.yaml').definition as CycleDefinition
const cycle = compileCycle(definition)
/** A file of DuckDB has three headers, and then blocks. */
const HEADERS = 12_288
const BLOCK = 262_144
const HISTORY = `history-${cycle.cycle}.duckdb`
const files = commandFilesForTests()
const pulse = files.file('pulse.yaml', PULSE)

let home: TemporaryFolder
let data: string
let scratch: string
let history: string
beforeEach(() => {
  home = temporaryFolder()
  data = join(home.path, 'data')
  scratch = join(home.path, 'scratch')
  history = join(data, HISTORY)
  cpSync(filled.path, data, { recursive: true })
})
afterEach(() => home[Symbol.dispose]())

const verify = (...args: string[]) => rondo('verify', '--data', data, '--definition', pulse, '--scratch', scratch, ...args)

/** Only the line with which it begins. */
const ALL_IS_EQUAL = /^rondo: verifying [^\n]*\n$/

const opening = { record: 'writer.open', writer: 'w', time: '2026-03-01T00:00:00.000Z' } as const
/** All actors go away in one tick. */
const silence = { record: 'tick', writer: 'w', time: '2026-04-01T00:00:00.000Z' } as const

/** A folder with a log, which was folded and followed by a history. */
const filled = temporaryFolder()
afterAll(() => filled[Symbol.dispose]())
beforeAll(async () => {
  const followed = await FollowedFolder.open(definition, filled.path, join(filled.path, HISTORY))
  await followed.append([opening, ...new LongLog(7, 60).next(800), silence], [20])
  await followed.fold()
  await followed.follow()
  await followed.close()
})

function changeState(sql: string): void {
  const state = new DatabaseSync(join(data, 'state.db'))
  expect(state.prepare(sql).run().changes).toBeGreaterThan(0)
  state.close()
}

async function changeHistory(sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(history)
  const connection = await instance.connect()
  await connection.run(sql)
  connection.closeSync()
  instance.closeSync()
}

/** Folds the log of the folder with other sizes of batches, and what a commit does besides, until the signal. */
async function fold(change: (batch: CommitBatch, end: AbortController) => CommitBatch): Promise<void> {
  const folder = openCycleFolder(data, cycle)
  const reader = folder.reader()
  const owned = await new Promise<OwnedPartition>((resolve, reject) => {
    reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
  })
  const end = new AbortController()
  const read: OwnedPartition['read'] = async (offset, limits) => {
    const records = await owned.read(offset, { ...limits, waitMs: 0 })
    if (records.length === 0 && limits.waitMs > 0) end.abort()
    return records
  }
  const changed: OwnedPartition = {
    ...owned,
    read,
    commit: (batch) => owned.commit(change(batch, end)),
  }
  await runPartition(changed, cycle, { signal: end.signal, limits: { outputsMax: 3, firingsAtOnce: 1 } })
  await reader.close()
  await folder.close()
}

describe('rondo verify', () => {
  it('finds no difference in what was folded and followed, and leaves nothing behind', async () => {
    const { code, output, messages } = await verify()
    expect(code).toBe(0)
    expect(messages).toMatch(/^rondo: verifying \S+: the cycle pulse, \d{2,} records of the log\.\n$/)
    expect(output).toMatch(/^pulse: no difference \(\d{3,} outputs, \d{2,} actors, \d{3,} rows of history\)\. All of it follows from the log\.\n$/)
    expect(readdirSync(scratch)).toEqual([])
  })

  it('finds an output that does not follow from the log', async () => {
    rmSync(join(data, 'state.db'))
    let isChanged = false
    await fold((batch) => {
      const [first, ...rest] = batch.outputs
      if (isChanged || first === undefined) return batch
      isChanged = true
      return { ...batch, outputs: [{ ...first, cause: 'planted' }, ...rest] }
    })
    rmSync(history)
    const { code, output, messages } = await verify()
    expect(code).toBe(1)
    expect(output).toMatch(/^pulse: DIFFERENT \(1 in outputs, 1 in read models; .* no history is kept\)/)
    expect(messages).toMatch(/\nrondo: pulse: outputs: output 1: stored is .*planted.*, and from the log follows /)
  })

  it('finds a stage in the read models that does not follow from the log', async () => {
    changeState('UPDATE actors SET since = since + 1 WHERE actor_id = (SELECT min(actor_id) FROM actors WHERE since IS NOT NULL)')
    const { code, output, messages } = await verify()
    expect(code).toBe(1)
    expect(output).toMatch(/^pulse: DIFFERENT \(\d in read models;/)
    expect(messages).toMatch(/read models: listing of \w+: stored is /)
  })

  it.each([
    ['lacks', 'DELETE FROM active WHERE actor = 3'],
    ['has', "INSERT INTO newest_traits VALUES (3, 'planted', 'x', 0)"],
    ['lacks', 'UPDATE transitions SET noticed_at = noticed_at + 1 WHERE actor = 3 AND seq = 1'],
  ])('finds rows of the history that do not follow from the log: it %s some after %s', async (word, sql) => {
    await changeHistory(sql)
    const { code, output, messages } = await verify()
    expect(code).toBe(1)
    expect(output).toMatch(/^pulse: DIFFERENT \(\d+ in history;/)
    expect(messages).toContain(` ${word} {"type":"user","id":"`)
  })

  it('verifies a state that ends between two deadlines, and a history that is behind it', async () => {
    rmSync(join(data, 'state.db'))
    const positions: Position[] = []
    await fold((batch) => {
      positions.push(batch.position)
      return batch
    })
    const between = positions.findIndex(({ offset, index, cursor }, at) => {
      const next = positions[at + 1]
      return at > 20 && cursor !== null && next?.offset === offset && next.index === index
    })
    expect(between).toBeGreaterThan(20)
    rmSync(join(data, 'state.db'))
    let commits = 0
    await fold((batch, end) => {
      if (commits++ === between) end.abort()
      return batch
    })
    rmSync(history)
    const behind = await FollowedFolder.open(definition, data, history)
    await behind.follow({ rowsMax: 50, stepsMax: 1 })
    await behind.close()
    expect(await verify()).toMatchObject({ code: 0, messages: expect.stringMatching(ALL_IS_EQUAL) })
  })

  it('reads the archive where the log was trimmed, and says what is missing without it', async () => {
    const archive = join(home.path, 'archive')
    const folder = openCycleFolder(data, cycle)
    const log = new FolderHistory(data)
    await writeArchive({ archive, log })
    const { begin, end } = await log.bounds(0)
    await trimLog(folder.writer, { partition: 0, begin, below: Math.ceil(0.7 * end), archive })
    log.close()
    await folder.close()
    expect(await verify()).toMatchObject({ code: 0, messages: expect.stringMatching(ALL_IS_EQUAL) })
    expect(await verify('--archive', join(home.path, 'nothing'))).toMatchObject({ code: 1, messages: expect.stringContaining('RONDO_LOG_INCOMPLETE') })
  })

  it('says that a history cannot be used, and compares the one that follows', async () => {
    writeFileSync(history, Buffer.alloc(100_000, 0x5a))
    const { code, messages } = await verify()
    expect(code).toBe(1)
    expect(messages).toContain('history: the file could not be used (damaged), and was made again')
  })

  it('names the stored cycles that no definition names', async () => {
    await openCycleFolder(data, cycle, compileCycle({ ...definition, cycle: 'zero' })).close()
    const { code, output } = await verify()
    expect(code).toBe(0)
    expect(output).toMatch(/^pulse: no difference .*\nzero: not verified, no definition names it\n$/)
  })

  it('says that a history cannot follow the outputs, whose place it does not know, and goes on with other cycles', async () => {
    const folder = openCycleFolder(data, cycle)
    const state = folder.stateReader()
    const feed = await state.read(0, 10_000)
    state.close()
    await folder.close()
    const retraction = feed.find(({ output }) => output.includes('"kind":"retraction"'))?.cursor ?? 0
    await changeHistory(`DELETE FROM transitions; UPDATE as_of SET feed_after = ${retraction - 1}`)
    const { code, output, messages } = await verify('--definition', pulse)
    expect(code).toBe(1)
    expect(output).toMatch(/^(pulse: DIFFERENT \(1 in history; \d+ outputs, \d+ actors, 0 rows of history\).*\n){2}$/)
    expect(messages).toMatch(/history: it cannot be compared\. The output \S+ of user .* retracts \S+, which this history does not have\./)
  })

  it('says that a history is damaged where only its rows show it', async () => {
    const intact = readFileSync(history)
    let found = ''
    // Some blocks are read when the file is opened already.
    for (let block = 1; block < 5 && !found.includes('cannot be compared'); block++) {
      const bytes = Buffer.from(intact)
      bytes.fill(0x5a, HEADERS + block * BLOCK + 100, HEADERS + block * BLOCK + 108)
      writeFileSync(history, bytes)
      const { code, output, messages } = await verify()
      expect(code).toBe(1)
      expect(output).toMatch(/^pulse: DIFFERENT \(\d+ in history;/)
      found = messages
    }
    expect(found).toMatch(/history: it cannot be compared\. The history .* is damaged\./)
  })

  it('refuses a folder that is in use, another definition, and a cycle that was not folded there', async () => {
    const folder = openCycleFolder(data, cycle)
    expect(await verify()).toMatchObject({ code: 1, messages: expect.stringContaining('RONDO_DATA_LOCKED') })
    await folder.close()
    const changed = files.file('changed.yaml', PULSE.replace(/^cycle: pulse$/m, 'cycle: other'))
    const other = await rondo('verify', '--data', data, '--definition', changed)
    expect(other).toMatchObject({ code: 2, messages: expect.stringContaining('It has those of pulse.') })
    expect(existsSync(join(data, 'state-other.db'))).toBe(false)
    expect(await rondo('verify', '--data', join(home.path, 'none'), '--definition', pulse)).toMatchObject({ code: 2 })
  })
})
