import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { formatInstant } from '#contracts'
import type { LogRecord } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { MemoryLog } from './conformance/memory-log.ts'
import { type ArchivedPartition, partitionOf, readManifest, writeManifest } from './manifest.ts'
import { verifyArchive } from './verify-archive.ts'
import { writeArchive } from './write-archive.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 1)
const FILES = 8
/** The offset at which the trimmed log begins. */
const TRIMMED = 6

const records = Array.from({ length: FILES }, (_, offset): LogRecord => {
  const at = START + offset * DAY_MS
  return { offset, appendedAt: at, frame: JSON.stringify({ record: 'tick', writer: 'w', time: formatInstant(at) }) }
})

let home: TemporaryFolder
let archive: string
let place: ArchivedPartition
beforeEach(() => {
  home = temporaryFolder()
  archive = join(home.path, 'archive')
  place = partitionOf(archive, 0)
})
afterEach(() => home[Symbol.dispose]())

const write = (kept: readonly LogRecord[] = records, options: { fileEntriesMax?: number; onFile?: () => void } = {}) =>
  writeArchive({ archive, log: new MemoryLog(kept), ...options })

/** The bytes of every Parquet file. */
function files(): Record<string, string> {
  const names = readdirSync(place.folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(place.folder, name), 'base64')]))
}

/** Names only the first files, as a manifest from an old backup does. */
function cutManifest(count: number): void {
  const manifest = readManifest(place)
  if (manifest !== undefined) writeManifest(place, { ...manifest, files: manifest.files.slice(0, count) })
}

const damaged = (text: string) => ({ code: 'RONDO_ARCHIVE_DAMAGED', message: expect.stringContaining(text) })

describe('files that no manifest names', () => {
  beforeEach(() => write())

  it('stay if the manifest is lost and the log no longer has their records; the writing and the verification are refused', async () => {
    const before = files()
    rmSync(join(place.folder, 'manifest.json'))
    await expect(write(records.slice(TRIMMED))).rejects.toMatchObject(damaged('manifest.json: it is missing'))
    await expect(verifyArchive(archive)).rejects.toMatchObject(damaged('8 Parquet files'))
    expect(files()).toEqual(before)
    expect(existsSync(join(place.folder, 'manifest.json'))).toBe(false)
  })

  it('stay if the manifest is older than they are, and the log begins after its end', async () => {
    const before = files()
    cutManifest(3)
    await expect(write(records.slice(TRIMMED))).rejects.toMatchObject(damaged('it ends at offset 3, and the folder has 5 Parquet files'))
    await expect(verifyArchive(archive)).rejects.toMatchObject(damaged('5 Parquet files'))
    expect(files()).toEqual(before)
  })

  it('stay if the log has other records at their offsets, or none', async () => {
    const before = files()
    for (const kept of [records.slice(0, TRIMMED), records.map((record) => ({ ...record, frame: `${record.frame} ` }))]) {
      rmSync(join(place.folder, 'manifest.json'), { force: true })
      await expect(write(kept)).rejects.toMatchObject(damaged('The log does not have the records of day='))
      expect(files()).toEqual(before)
    }
  })

  it('stay if they cannot be read', async () => {
    const [first = ''] = Object.keys(files())
    writeFileSync(join(place.folder, first), 'damaged')
    rmSync(join(place.folder, 'manifest.json'))
    await expect(write()).rejects.toMatchObject(damaged(first))
    expect(readFileSync(join(place.folder, first), 'utf8')).toBe('damaged')
  })

  it('are written again if the log has each of their records', async () => {
    const before = files()
    for (const count of [0, 3, FILES - 1]) {
      cutManifest(count)
      await write(records.slice(count))
      expect(files()).toEqual(before)
      await verifyArchive(archive)
    }
  })

  it('leave when other files have their records by now, and not earlier', async () => {
    rmSync(archive, { recursive: true })
    const sameDay = records.map((record) => ({ ...record, appendedAt: START }))
    await write(sameDay, { fileEntriesMax: 3 })
    const [, second = ''] = Object.keys(files())
    cutManifest(0)
    await write(sameDay, { onFile: () => expect(existsSync(join(place.folder, second))).toBe(true) })
    expect(Object.keys(files())).toEqual(readManifest(place)?.files.map(({ path }) => path))
    expect(Object.keys(files())).toHaveLength(1)
    await verifyArchive(archive)
  })

  it('leave if the named files have their records and the log no longer does', async () => {
    const before = files()
    const [first = ''] = Object.keys(before)
    copyFileSync(join(place.folder, first), join(place.folder, dirname(first), '0000000000000099.parquet'))
    await write(records.slice(TRIMMED))
    expect(files()).toEqual(before)
  })

  it('stay under any name that a writing does not give', async () => {
    const names = ['.incomplete-notes.txt', 'own.parquet', '.incomplete-0000000000000099.parquet']
    for (const name of names) writeFileSync(join(place.folder, name), 'x')
    await write(records)
    expect(names.filter((name) => existsSync(join(place.folder, name)))).toEqual(names.slice(0, 2))
  })
})
