import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { readArchive } from '#archive'
import { formatInstant } from '#contracts'
import { compileCycle } from '#cycle'
import { FolderHistory, type OwnedPartition } from '#event-log'
import { runPartition } from '#pipeline'
import { cycleLogReader, openCycleFolder } from '#projections'
import { SimulatedClock, temporaryFolder } from '#runtime'
import { presence } from '../../../test/fixtures/cycles/presence.ts'
import { samplesOf } from '../../../test/fixtures/metrics/exposed-metrics.ts'
import { archiveMetrics } from './archive-metrics.ts'
import { Archiver } from './archiver.ts'

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 10, 1)
const DAYS = 10
const FRAMES_A_DAY = 60

it('archives each ended day beside a running Rondo, and removes it from the log when it is old enough; appends come between; a lost manifest and an unreadable state are alarms', async () => {
  using home = temporaryFolder()
  const cycle = compileCycle(presence)
  const folder = openCycleFolder(join(home.path, 'data'), cycle)
  const archive = join(home.path, 'archive')
  const frames = Array.from({ length: DAYS * FRAMES_A_DAY }, (_, n) => {
    const time = formatInstant(START + (n * DAY_MS) / FRAMES_A_DAY)
    return JSON.stringify({ id: `e${n}`, type: 'track', event: 'Visit', actor: { type: 'user', id: `u${n % 7}` }, time, receivedAt: time })
  })
  await folder.writer.append(0, frames)
  const reader = cycleLogReader(folder.path)
  const owned = await new Promise<OwnedPartition>((resolve, reject) => {
    reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
  })
  const end = new AbortController()
  const report = (progress: { kind: string; offset?: number }): void => {
    if (progress.kind === 'committed' && progress.offset === frames.length - 1) end.abort()
  }
  await runPartition(owned, cycle, { signal: end.signal, waitMs: 0, limits: { bytesAtOnce: 5000, checkpointRound: 256 }, report })
  const messages: string[] = []
  const logger = { info: (text: string) => messages.push(text), warn: (text: string) => messages.push(text), debug: () => undefined, error: () => undefined }
  const clock = new SimulatedClock(START + (DAYS - 1) * DAY_MS)
  const archiver = new Archiver({ folder, archive, keepMs: 5 * DAY_MS, clock, logger })
  const registry = new Registry()
  archiveMetrics(registry, () => archiver.progress, clock)
  const figures = async () => Object.fromEntries(samplesOf(await registry.metrics()).map(({ name, value }) => [name.replace('rondo_archive_', ''), value]))
  expect(await figures()).toEqual({ failures_total: 0 })
  const [appended] = await Promise.all([folder.writer.append(0, [frames.at(-1) as string]), archiver.archive()])
  expect(appended).toBe(frames.length)
  expect(messages).toEqual([
    ...Array.from({ length: DAYS - 1 }, (_, day) => expect.stringContaining(`60 entries of 2026-11-0${day + 1} are in the archive`)),
    expect.stringContaining('Offsets 0 to 239 left the log'),
  ])
  const bytes = readArchive(archive)
    .flatMap(({ files }) => files.map((file) => file.bytes))
    .reduce((sum, size) => sum + size)
  const lastDay = (START + (DAYS - 2) * DAY_MS) / 1000
  expect(await figures()).toEqual({ bytes, failures_total: 0, lag_seconds: 0, last_day_timestamp_seconds: lastDay })
  const log = new FolderHistory(folder.path)
  expect(await log.bounds(0)).toEqual({ begin: 4 * FRAMES_A_DAY, end: frames.length + 1 })
  log.close()
  clock.advanceBy(DAY_MS)
  await archiver.archive()
  expect(messages.slice(-2)).toEqual([expect.stringContaining('2026-11-10'), expect.stringContaining('Offsets 240 to 299 left the log')])
  const unreadable = join(folder.path, 'state-old.db')
  writeFileSync(unreadable, 'a text '.repeat(100))
  clock.advanceBy(DAY_MS)
  await archiver.archive()
  expect(messages.at(-1)).toMatch(/state-old\.db is not .* the log keeps all that a restore of a cycle could need\. \(RONDO_DATA_FOREIGN\)$/)
  rmSync(unreadable)
  const partition = join(archive, 'partition=0')
  const filesIn = () => readdirSync(partition, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
  const files = filesIn()
  rmSync(join(partition, 'manifest.json'))
  await archiver.archive()
  expect(messages.at(-1)).toMatch(/manifest\.json: it is missing.*The log keeps what is not archived.*\(RONDO_ARCHIVE_DAMAGED\)/)
  expect(filesIn()).toEqual(files)
  clock.advanceBy(DAY_MS)
  expect(await figures()).toMatchObject({ failures_total: 1, lag_seconds: DAY_MS / 1000 })
  await reader.close()
  await folder.close()
})
