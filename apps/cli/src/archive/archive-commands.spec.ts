import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { verifiedEnd } from '#archive'
import { formatInstant } from '#contracts'
import { compileCycle, readDefinition } from '#cycle'
import { FolderHistory, type OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'
import { cycleLogReader, openCycleFolder } from '#projections'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { CSV, commandFilesForTests, rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

const files = commandFilesForTests()
const { definition } = readDefinition(files.presence, 'presence-30d.yaml')
if (definition === undefined) throw new TypeError('the definition of the test has a defect')
const cycle = compileCycle(definition)

const DAY_MS = 86_400_000
/** The command runs on 2027-01-01. */
const START = Date.UTC(2026, 11, 1)
const DAYS = 30
const FRAMES_A_DAY = 40

let home: TemporaryFolder
let data: string
let archive: string
beforeEach(async () => {
  home = temporaryFolder()
  data = join(home.path, 'data')
  archive = join(home.path, 'archive')
  const folder = openCycleFolder(data, cycle)
  const frames = Array.from({ length: DAYS * FRAMES_A_DAY }, (_, n) => {
    const at = formatInstant(START + (n * DAY_MS) / FRAMES_A_DAY)
    const event = {
      id: `e${n}`,
      type: 'track',
      event: 'Visit',
      actor: { type: 'user', id: `u${n % 50}` },
      time: at,
      receivedAt: at,
      properties: { text: 'x'.repeat(2000) },
    }
    return `${JSON.stringify(event)}\n${JSON.stringify({ record: 'tick', writer: 'w', time: at })}`
  })
  await folder.writer.append(0, frames)
  await folder.close()
})
afterEach(() => home[Symbol.dispose]())

/** Folds the log to its end, with checkpoints so often that a restore needs only the newest entries. @returns the feed */
async function fold(): Promise<string[]> {
  const folder = openCycleFolder(data, cycle)
  const reader = cycleLogReader(data, { openArchive: async (path, log) => new (await import('#archive')).FolderArchive(path, log) })
  const end = new AbortController()
  try {
    const owned = await new Promise<OwnedPartition>((resolve, reject) => {
      reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
    })
    const last = DAYS * FRAMES_A_DAY - 1
    const report = (progress: { kind: string; offset?: number }): void => {
      if (progress.kind === 'committed' && progress.offset === last) end.abort()
    }
    await runPartition(owned, cycle, { signal: end.signal, waitMs: 0, limits: { bytesAtOnce: 100_000, checkpointRound: 512 }, report })
    const state = folder.stateReader()
    const feed = await state.read(0, 10_000)
    state.close()
    return feed.map(({ output }) => output)
  } finally {
    await reader.close()
    await folder.close()
  }
}

async function boundsOfLog(): Promise<{ begin: number; end: number }> {
  const log = new FolderHistory(data)
  try {
    return await log.bounds(0)
  } finally {
    log.close()
  }
}

describe('rondo archive', () => {
  it('writes each ended day once, lists and verifies them', async () => {
    const wrote = await rondo('archive', 'write', '--data', data, '--archive', archive)
    expect([wrote.code, wrote.messages.split('\n').at(-2)]).toEqual([0, `rondo: 30 files were written in the archive ${archive}.`])
    expect((await rondo('archive', 'write', '--data', data, '--archive', archive)).messages).toBe(`rondo: Nothing is new in the archive ${archive}.\n`)
    const listed = (await rondo('archive', 'list', '--archive', archive)).output.trim().split('\n')
    expect(listed).toHaveLength(DAYS)
    expect(listed[0]).toMatch(
      /^partition 0 {2}2026-12-01 {2}offsets 0 to 39 {2}40 records {2}80 entries {2}\d+ bytes {2}day=2026-12-01\/0000000000000000\.parquet$/,
    )
    expect(await rondo('archive', 'verify', '--archive', archive)).toMatchObject({
      code: 0,
      messages: `rondo: The archive ${archive} is as it was written: 30 files, 2400 entries.\n`,
    })
  })

  it('trims what is archived, older than --keep and not needed by a restart; a rebuild from archive and log gives the same bytes', async () => {
    const before = await fold()
    expect(before.length).toBeGreaterThan(40)
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    const size = statSync(join(data, 'log.db')).size
    const trimmed = await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '15d')
    expect(trimmed).toMatchObject({ code: 0, messages: expect.stringContaining('Partition 0: offsets 0 to 639 are in the archive as the log has them') })
    expect(await boundsOfLog()).toEqual({ begin: 640, end: DAYS * FRAMES_A_DAY })
    expect(statSync(join(data, 'log.db')).size).toBeLessThan(0.6 * size)
    for (const name of readdirSync(data)) if (name.startsWith('state.db')) rmSync(join(data, name))
    expect(await fold()).toEqual(before)
  })

  it('makes a log of an earlier release smaller by --compact, and then with each trim', async () => {
    await fold()
    const path = join(data, 'log.db')
    const db = new DatabaseSync(path)
    db.exec('PRAGMA auto_vacuum = NONE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    db.close()
    const size = statSync(path).size
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '20d')
    expect(statSync(path).size).toBeGreaterThan(0.9 * size)
    await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '20d', '--compact')
    expect(statSync(path).size).toBeLessThan(0.75 * size)
    await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '15d')
    expect(statSync(path).size).toBeLessThan(0.6 * size)
  })

  it('trims nothing that a restart needs, and says what needs it', async () => {
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    const unfolded = await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '0s')
    expect(unfolded.messages).toMatch(/Partition 0: nothing leaves the log\. A restore from .*state\.db needs offset 0 and what follows\./)
    await fold()
    await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '0s')
    const { begin } = await boundsOfLog()
    expect(begin).toBeGreaterThan(640)
    expect(begin).toBeLessThan(DAYS * FRAMES_A_DAY)
  })

  it('--keep 0d leaves the present day in the log, also when the archive has it', async () => {
    const folder = openCycleFolder(data, cycle)
    await folder.writer.append(0, [JSON.stringify({ record: 'tick', writer: 'w', time: '2027-01-01T00:00:00.000Z' })])
    await folder.writer.append(0, [JSON.stringify({ record: 'tick', writer: 'w', time: '2027-01-01T00:00:01.000Z' })])
    await folder.close()
    await rondo('archive', 'write', '--data', data, '--archive', archive, '--all')
    const log = new FolderHistory(data)
    const limits = { partition: 0, needed: Number.POSITIVE_INFINITY }
    const now = Date.UTC(2027, 0)
    expect(await verifiedEnd(archive, log, { ...limits, before: now })).toBe(DAYS * FRAMES_A_DAY)
    expect(await verifiedEnd(archive, log, { ...limits, before: now - 36_500 * DAY_MS })).toBe(0)
    log.close()
  })

  it('trim locks the folder before it reads: beside a running Rondo the error of the lock is all that it prints', async () => {
    await fold()
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    const running = openCycleFolder(data, cycle)
    const refused = await rondo('archive', 'trim', '--data', data, '--archive', archive)
    await running.close()
    expect(refused).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/^rondo: The data folder .* is in use by another Rondo process.*\(RONDO_DATA_LOCKED\)\n$/),
    })
    expect((await boundsOfLog()).begin).toBe(0)
    expect((await rondo('archive', 'trim', '--data', data, '--archive', archive)).code).toBe(0)
  })

  it('says of an import of today that its day has not ended, and --all writes it', async () => {
    const imported = join(home.path, 'imported')
    const args = ['--data', imported, '--archive', join(home.path, 'other')]
    expect(await rondo('import', '--data', imported, '--definition', files.cycle, '--input', files.rows, ...CSV)).toMatchObject({ code: 0 })
    expect(await rondo('archive', 'write', ...args)).toMatchObject({
      code: 0,
      messages: expect.stringMatching(
        /Nothing is new in the archive .* What came on 2027-01-01 \(UTC\) is archived when that day has ended; --all writes it now\.\n$/,
      ),
    })
    expect(await rondo('archive', 'write', ...args, '--all')).toMatchObject({ code: 0 })
    expect((await rondo('archive', 'verify', '--archive', join(home.path, 'other'))).messages).toMatch(/1 file, \d+ entries/)
  })

  it('trims nothing while a file cannot be read as a state, and names the file', async () => {
    await fold()
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    const path = join(data, 'state-old.db')
    writeFileSync(path, 'a text '.repeat(100))
    const kept = await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '0s')
    expect(kept).toMatchObject({ code: 0, messages: expect.stringContaining(`The file ${path} is not a`) })
    expect(kept.messages).toContain(`nothing leaves the log. A restore from ${path} needs offset 0`)
    expect((await boundsOfLog()).begin).toBe(0)
    rmSync(path)
    await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '0s')
    expect((await boundsOfLog()).begin).toBeGreaterThan(640)
  })

  it('write says which file is missing, and whether the log can give it again', async () => {
    await fold()
    const [write, folder] = [() => rondo('archive', 'write', '--data', data, '--archive', archive), join(archive, 'partition=0')]
    await write()
    const file = join(folder, 'day=2026-12-03', '0000000000000080.parquet')
    rmSync(file)
    expect(await write()).toMatchObject({ code: 1, messages: expect.stringMatching(/a file .*day=2026-12-03.*the log still has these records, move/) })
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    expect((await rondo('archive', 'list', '--archive', archive)).messages).toContain('has no file yet')
    await write()
    await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '15d')
    rmSync(file)
    expect(await write()).toMatchObject({ code: 1, messages: expect.stringMatching(/the log does not have these .*\(RONDO_ARCHIVE_DAMAGED\)/) })
  })

  it('trims nothing if the archive is damaged, or of another log', async () => {
    await fold()
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    const file = join(archive, 'partition=0', 'day=2026-12-03', '0000000000000080.parquet')
    writeFileSync(file, 'damaged')
    for (const command of [['verify'], ['trim', '--data', data]]) {
      const refused = await rondo('archive', ...command, '--archive', archive)
      expect(refused).toMatchObject({ code: 1, messages: expect.stringMatching(/day=2026-12-03.*\(RONDO_ARCHIVE_DAMAGED\)/) })
    }
    expect(await boundsOfLog()).toMatchObject({ begin: 0 })
    rmSync(join(data), { recursive: true })
    await openCycleFolder(data, cycle).close()
    expect(await rondo('archive', 'write', '--data', data, '--archive', archive)).toMatchObject({
      code: 1,
      messages: expect.stringContaining('RONDO_ARCHIVE_MISMATCH'),
    })
  })

  it('keeps every file of a trimmed log whose manifest is lost or old, refuses to write, and continues when the manifest is back', async () => {
    await fold()
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', '15d')
    const path = join(archive, 'partition=0', 'manifest.json')
    const manifest = readFileSync(path, 'utf8')
    const old = JSON.stringify({ ...JSON.parse(manifest), files: JSON.parse(manifest).files.slice(0, 3) })
    for (const defect of [() => rmSync(path), () => writeFileSync(path, old)]) {
      defect()
      for (const command of [['write', '--data', data], ['verify']])
        expect(await rondo('archive', ...command, '--archive', archive)).toMatchObject({
          code: 1,
          messages: expect.stringMatching(
            /manifest\.json: it (is missing|ends at offset 120).*Parquet files that it does not name.*backup.*\(RONDO_ARCHIVE_DAMAGED\)/,
          ),
        })
      writeFileSync(path, manifest)
      expect(await rondo('archive', 'verify', '--archive', archive)).toMatchObject({ code: 0, messages: expect.stringContaining('30 files, 2400 entries') })
    }
    expect((await rondo('archive', 'write', '--data', data, '--archive', archive)).messages).toContain('Nothing is new')
  })

  it('refuses the data folder as the archive, and a folder of a file', async () => {
    expect(await rondo('archive', 'write', '--data', data, '--archive', data)).toMatchObject({
      code: 2,
      messages: expect.stringContaining('it is the data folder'),
    })
    writeFileSync(archive, '')
    expect(await rondo('archive', 'write', '--data', data, '--archive', join(archive, 'inner'))).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/Check that --archive.*\(RONDO_DATA_UNREADABLE\)/),
    })
  })

  it('a log whose archive is away names its folder where something needs the beginning', async () => {
    await fold()
    await rondo('archive', 'write', '--data', data, '--archive', archive)
    await rondo('archive', 'trim', '--data', data, '--archive', archive)
    rmSync(archive, { recursive: true })
    // A restart needs only the log.
    await openCycleFolder(data, cycle).close()
    for (const name of readdirSync(data)) if (name.startsWith('state.db')) rmSync(join(data, name))
    await expect(fold()).rejects.toMatchObject({ code: 'RONDO_LOG_INCOMPLETE', message: expect.stringContaining(archive) })
  })

  it('names the defects of its arguments', async () => {
    expect(await rondo('archive', 'write', '--archive', archive)).toMatchObject({
      code: 2,
      messages: expect.stringContaining('--data, --brokers: expected one of them'),
    })
    expect(await rondo('archive', 'trim', '--data', data, '--archive', archive, '--keep', 'long')).toMatchObject({
      code: 2,
      messages: expect.stringContaining('--keep'),
    })
    expect(await rondo('archive', 'verify')).toMatchObject({ code: 2, messages: expect.stringContaining('--archive') })
    mkdirSync(join(home.path, 'unmounted'))
    expect(await rondo('archive', 'verify', '--archive', join(home.path, 'unmounted'))).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/unmounted is no archive.*its disk is mounted.*\(RONDO_ARCHIVE_DAMAGED\)/),
    })
    expect(await rondo('archive', 'list', '--archive', join(home.path, 'none'))).toMatchObject({
      code: 1,
      messages: expect.stringContaining('RONDO_ARCHIVE_DAMAGED'),
    })
    expect(await rondo('archive', 'write', '--data', join(home.path, 'none'), '--archive', archive)).toMatchObject({
      code: 1,
      messages: expect.stringContaining('There is no log.db'),
    })
  })
})
