import { existsSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type ArchiveFile, formatInstant, instantOf } from '#contracts'
import type { LogRecord } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { ArchiveDay } from './archive-day.ts'
import { MemoryLog } from './conformance/memory-log.ts'
import { entriesOf } from './entries.ts'
import { FolderArchive } from './folder-archive.ts'
import { partitionOf, readManifest } from './manifest.ts'
import { verifiedEnd, verifyArchive } from './verify-archive.ts'
import { writeArchive } from './write-archive.ts'

const DAY_MS = 86_400_000
const START = instantOf('2026-11-28T22:00:00.000Z')

const eventAt = (at: number, id = `e${at}`): string =>
  JSON.stringify({ id, type: 'track', event: 'Song Played', actor: { type: 'user', id: 'u1' }, time: formatInstant(at), receivedAt: formatInstant(at) })
const tickAt = (at: number): string => JSON.stringify({ record: 'tick', writer: 'w', time: formatInstant(at) })

/** Any text that a log can give back: whatever has a UTF-8 form. */
const anyText = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.toWellFormed())
const oddTexts = ['', '\n', '\ufeff{"id":"1"}', '\u0000', '{"id":1}\r', '{}', 'null', '[1]', '{"record":7}', '{"record":"tick","time":"never"}', '🙂\ud7ff']
const anyLine = fc.oneof(
  fc.integer({ min: START, max: START + 3 * DAY_MS }).map((at) => eventAt(at)),
  fc.integer({ min: START, max: START + 3 * DAY_MS }).map(tickAt),
  fc.constantFrom(...oddTexts),
  anyText,
)
const anyFrame = fc.array(anyLine, { minLength: 1, maxLength: 6 }).map((lines) => lines.join('\n'))
/** A log with gaps between its offsets, and append times that may go back. */
const anyLog = fc
  .array(
    fc.record({ gap: fc.constantFrom(0, 0, 0, 1, 7), at: fc.option(fc.integer({ min: START, max: START + 3 * DAY_MS }), { nil: undefined }), frame: anyFrame }),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((steps) => {
    let offset = -1
    return steps.map(({ gap, at, frame }): LogRecord => {
      offset += 1 + gap
      return { offset, ...(at !== undefined && { appendedAt: at }), frame }
    })
  })
  .map((records) => records.map((record, i) => ({ ...record, offset: i === 0 ? 0 : record.offset })))

describe('an archive', () => {
  let home: TemporaryFolder
  let archive: string
  beforeEach(() => {
    home = temporaryFolder()
    archive = join(home.path, 'archive')
  })
  afterEach(() => home[Symbol.dispose]())

  const filesOf = (): readonly ArchiveFile[] => readManifest(partitionOf(archive, 0))?.files ?? []
  const pathOf = (file: ArchiveFile | undefined): string => join(partitionOf(archive, 0).folder, file?.path ?? '')

  async function readAll(from = 0, bytesMax = 1000): Promise<LogRecord[]> {
    const reader = new FolderArchive(archive)
    const records: LogRecord[] = []
    for (let next = from; ; next = (records.at(-1)?.offset ?? 0) + 1) {
      const page = await reader.read(0, next, bytesMax)
      records.push(...page)
      if (page.length === 0) return records
    }
  }

  async function emptied(): Promise<void> {
    rmSync(archive, { recursive: true, force: true })
  }

  it('gives back every record exactly, whatever its text, its offset and its time, from any offset and in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.nat(40), fc.integer({ min: 1, max: 500 }), async (records, from, bytesMax) => {
        await emptied()
        await writeArchive({ archive, log: new MemoryLog(records) })
        expect(await readAll(from, bytesMax)).toEqual(records.filter(({ offset }) => offset >= from))
      }),
      { numRuns: 60 },
    )
  })

  it('is the same, whenever its writing was interrupted and continued, and names each record once', async () => {
    await fc.assert(
      fc.asyncProperty(anyLog, fc.array(fc.nat(12), { maxLength: 6 }), fc.integer({ min: 1, max: 8 }), async (records, stops, fileEntriesMax) => {
        await emptied()
        const log = new MemoryLog(records)
        for (const failsAfter of stops) {
          log.failsAfter = failsAfter
          await writeArchive({ archive, log, fileEntriesMax }).catch(() => undefined)
        }
        log.failsAfter = Number.POSITIVE_INFINITY
        await writeArchive({ archive, log, fileEntriesMax })
        expect(await readAll()).toEqual(records)
        await verifyArchive(archive)
        expect(filesOf().reduce((sum, file) => sum + file.records, 0)).toBe(records.length)
        const stored = readdirSync(partitionOf(archive, 0).folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
        expect(stored.sort()).toEqual(filesOf().map(({ path }) => path))
      }),
      { numRuns: 40 },
    )
  })

  it('has a file for each day of UTC, by the append, and no record of today', async () => {
    const records = Array.from({ length: 60 }, (_, hour): LogRecord => ({ offset: hour, appendedAt: START + hour * 3_600_000, frame: eventAt(START) }))
    await writeArchive({ archive, log: new MemoryLog(records), before: START + 60 * 3_600_000 })
    expect(filesOf().map(({ day, from, next }) => [day, from, next])).toEqual([
      ['2026-11-28', 0, 2],
      ['2026-11-29', 2, 26],
      ['2026-11-30', 26, 50],
    ])
    expect(filesOf()[1]?.path).toBe('day=2026-11-29/0000000000000002.parquet')
  })

  it('adds the days that are new, and writes nothing twice', async () => {
    const records = Array.from({ length: 4 }, (_, day): LogRecord => ({ offset: day, frame: tickAt(START + day * DAY_MS) }))
    const written: string[] = []
    const write = (day: number) =>
      writeArchive({ archive, log: new MemoryLog(records), before: START + day * DAY_MS, onFile: (_, { day: name }) => written.push(name) })
    for (const day of [1, 1, 3, 3]) await write(day)
    expect(written).toEqual(['2026-11-28', '2026-11-29', '2026-11-30'])
  })

  it('splits a day of many entries into several files', async () => {
    const records = Array.from({ length: 10 }, (_, offset): LogRecord => ({ offset, appendedAt: START, frame: `${tickAt(START)}\n${tickAt(START)}` }))
    await writeArchive({ archive, log: new MemoryLog(records), fileEntriesMax: 6 })
    expect(filesOf().map(({ entries }) => entries)).toEqual([6, 6, 6, 2])
    expect(await readAll()).toEqual(records)
  })

  describe('that is not as it was written', () => {
    const records = Array.from({ length: 400 }, (_, offset): LogRecord => ({ offset, appendedAt: START + offset * 900_000, frame: eventAt(START + offset) }))
    beforeEach(() => writeArchive({ archive, log: new MemoryLog(records) }))

    it('gives an error for each changed byte, never other records', async () => {
      const original = readFileSync(pathOf(filesOf()[1]))
      await fc.assert(
        fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
          const changed = Buffer.from(original)
          changed[at] = (changed[at] ?? 0) ^ mask
          writeFileSync(pathOf(filesOf()[1]), changed)
          await expect(readAll()).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_DAMAGED', message: expect.stringContaining('day=2026-11-29') })
          await expect(verifyArchive(archive)).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_DAMAGED' })
        }),
        { numRuns: 40 },
      )
    })

    it('is refused if a file is missing, shorter, or in the place of another', async () => {
      const [first, second] = filesOf()
      truncateSync(pathOf(second), 100)
      await expect(readAll()).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_DAMAGED' })
      rmSync(pathOf(second))
      await expect(readAll()).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_DAMAGED', message: expect.stringContaining('cannot be read') })
      renameSync(pathOf(first), pathOf(second))
      await expect(readAll(second?.from)).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_DAMAGED' })
    })

    it('is refused if its manifest lacks a file', async () => {
      const path = join(partitionOf(archive, 0).folder, 'manifest.json')
      const manifest = JSON.parse(readFileSync(path, 'utf8'))
      writeFileSync(path, JSON.stringify({ ...manifest, files: manifest.files.toSpliced(1, 1) }))
      await expect(readAll()).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_DAMAGED', message: expect.stringContaining('is expected') })
      writeFileSync(path, '{"version":1')
      await expect(readAll()).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_DAMAGED' })
      writeFileSync(path, JSON.stringify({ ...manifest, version: 2 }))
      await expect(readAll()).rejects.toMatchObject({ code: 'RONDO_DATA_MISMATCH' })
    })
  })

  describe('of a log', () => {
    const records = Array.from(
      { length: 10 },
      (_, offset): LogRecord => ({ offset, appendedAt: START + offset * DAY_MS, frame: tickAt(START + offset * DAY_MS) }),
    )

    it('is not continued with another log, nor with a log that was created again', async () => {
      await writeArchive({ archive, log: new MemoryLog(records) })
      const other = Object.assign(new MemoryLog(records), { name: { folder: 'other' } })
      await expect(writeArchive({ archive, log: other })).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_MISMATCH' })
      const again = new MemoryLog(records.map((record) => ({ ...record, frame: `${record.frame} ` })))
      await expect(writeArchive({ archive, log: again })).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_MISMATCH' })
      await expect(writeArchive({ archive, log: new MemoryLog(records.slice(0, 3)) })).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_MISMATCH' })
    })

    it('is not continued with a gap', async () => {
      await writeArchive({ archive, log: new MemoryLog(records.slice(0, 4)) })
      await expect(writeArchive({ archive, log: new MemoryLog(records.slice(5)) })).rejects.toMatchObject({
        code: 'RONDO_LOG_INCOMPLETE',
        message: expect.stringContaining('begins at offset 5'),
      })
      await writeArchive({ archive, log: new MemoryLog(records.slice(4)) })
      expect(await readAll()).toEqual(records)
    })

    it('permits a trim only up to the last file that equals the log', async () => {
      await writeArchive({ archive, log: new MemoryLog(records.slice(0, 8)) })
      const log = new MemoryLog(records)
      const all = { partition: 0, needed: 100, before: START + 100 * DAY_MS }
      expect(await verifiedEnd(archive, log, all)).toBe(8)
      expect(await verifiedEnd(archive, log, { ...all, needed: 5 })).toBe(5)
      expect(await verifiedEnd(archive, log, { ...all, before: START + 3 * DAY_MS })).toBe(3)
      log.kept = log.kept.with(6, { ...(log.kept[6] as LogRecord), frame: 'another' })
      await expect(verifiedEnd(archive, log, all)).rejects.toMatchObject({ code: 'RONDO_ARCHIVE_MISMATCH' })
      expect(await verifiedEnd(join(archive, 'none'), log, all)).toBe(0)
      expect(existsSync(join(archive, 'none'))).toBe(false)
    })
  })
})

describe('the day of a record', () => {
  const dayOf = (days: ArchiveDay, record: Omit<LogRecord, 'offset'>): string => days.of(record, entriesOf(record.frame))

  it('is that of its append, else of its newest arrival or control record, in UTC', () => {
    expect(dayOf(new ArchiveDay(), { appendedAt: START, frame: eventAt(START + 5 * DAY_MS) })).toBe('2026-11-28')
    expect(dayOf(new ArchiveDay(), { frame: `${eventAt(START)}\n${tickAt(START + DAY_MS)}` })).toBe('2026-11-29')
    expect(dayOf(new ArchiveDay(), { frame: eventAt(instantOf('2026-11-28T23:59:59.999Z')) })).toBe('2026-11-28')
    expect(dayOf(new ArchiveDay(), { frame: 'unreadable' })).toBe('1970-01-01')
  })

  it('never goes back, so that the records of a day are one range of offsets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: START }), { minLength: 1 }), (times) => {
        const days = new ArchiveDay()
        const found = times.map((appendedAt) => dayOf(days, { appendedAt, frame: '' }))
        expect(found).toEqual(found.toSorted())
      }),
    )
  })
})
