import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { formatInstant } from '#contracts'
import { type LogRecord, lockFolder } from '#event-log'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { MemoryLog } from './conformance/memory-log.ts'
import { partitionOf, readManifest } from './manifest.ts'
import { verifyArchive } from './verify-archive.ts'
import { type WriteOptions, writeArchive } from './write-archive.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 1)
const FILES = 4

const records = Array.from({ length: FILES }, (_, offset): LogRecord => {
  const at = START + offset * DAY_MS
  return { offset, appendedAt: at, frame: JSON.stringify({ record: 'tick', writer: 'w', time: formatInstant(at) }) }
})

let home: TemporaryFolder
let archive: string
let place: ReturnType<typeof partitionOf>
beforeEach(() => {
  home = temporaryFolder()
  archive = join(home.path, 'archive')
  place = partitionOf(archive, 0)
})
afterEach(() => home[Symbol.dispose]())

const write = (options: Pick<WriteOptions, 'onFile'> = {}) => writeArchive({ archive, log: new MemoryLog(records), ...options })

describe('a folder in which an archive cannot be written', () => {
  it('is a full disk: the error has its code, what was archived stays, and the next writing continues', async () => {
    // Writing to /dev/full fails as on a full disk.
    for (const path of ['day=2026-11-02/.incomplete-0000000000000001.parquet', '.incomplete-manifest.json']) {
      rmSync(archive, { recursive: true, force: true })
      const onFile = (): void => {
        mkdirSync(dirname(join(place.folder, path)), { recursive: true })
        symlinkSync('/dev/full', join(place.folder, path))
      }
      await expect(write({ onFile })).rejects.toMatchObject({
        code: 'RONDO_DATA_FULL',
        message: expect.stringMatching(/The disk of the archive is full: .*archive\/partition=0.*Free space/),
      })
      expect(readManifest(place)?.files).toHaveLength(1)
      await write()
      expect(readManifest(place)?.files).toHaveLength(FILES)
      await verifyArchive(archive)
    }
  })

  it('is a file, or in one', async () => {
    writeFileSync(archive, '')
    const refused = { code: 'RONDO_DATA_UNREADABLE', message: expect.stringContaining('names a folder') }
    await expect(write()).rejects.toMatchObject(refused)
    await expect(writeArchive({ archive: join(archive, 'inner'), log: new MemoryLog(records) })).rejects.toMatchObject(refused)
  })

  it('has a manifest that cannot be read, which is not taken for a missing one', async () => {
    await write()
    const path = join(place.folder, 'manifest.json')
    rmSync(path)
    mkdirSync(path)
    const refused = { code: 'RONDO_DATA_UNREADABLE', message: expect.stringContaining('manifest.json') }
    await expect(write()).rejects.toMatchObject(refused)
    await expect(verifyArchive(archive)).rejects.toMatchObject(refused)
  })

  it('is a data folder', async () => {
    mkdirSync(archive)
    writeFileSync(join(archive, 'log.db'), '')
    await expect(write()).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID', message: expect.stringContaining('is a data folder of Rondo') })
    expect(readdirSync(archive)).toEqual(['log.db'])
  })

  it('is an archive that another process writes, and the error says so', async () => {
    mkdirSync(archive)
    const lock = lockFolder(archive)
    await expect(write()).rejects.toMatchObject({
      code: 'RONDO_DATA_LOCKED',
      message: expect.stringContaining(`The archive ${archive} is being written by another Rondo process (process ${process.pid})`),
    })
    lock.release()
    await write()
    expect(readManifest(place)?.files).toHaveLength(FILES)
  })
})
