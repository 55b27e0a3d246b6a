import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { FolderArchive, wholeLog } from '#archive'
import { formatInstant } from '#contracts'
import { type CompiledCycle, compileCycle, identityOf } from '#cycle'
import { archivedReader, KafkaHistory, type KafkaSettings, type LogReader, type LogRecord, namesOfCycles, openKafkaLog } from '#event-log'
import { runPartition } from '#pipeline'
import { randomId, temporaryFolder } from '#runtime'
import { adminForTests, brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { entriesOf, feedOf, folded, isControl, logOf } from '../../../../test/fixtures/broker/log-contents.ts'
import { presence } from '../../../../test/fixtures/cycles/presence.ts'
import { rondo } from '../../../../test/fixtures/processes/command-in-process.ts'

const PARTITIONS = 2
const FRAMES = 300
/** The frames of the first file of a partition. A restore needs only later ones. */
const FIRST_FILE = 100
const HOUR_MS = 3_600_000
const cycle = compileCycle(presence)
const broker = brokerForTests()
const admin = adminForTests(broker)
const home = temporaryFolder()
const archive = join(home.path, 'archive')
let settings: KafkaSettings
afterAll(() => home[Symbol.dispose]())

/** A frame an hour, up to now, so that no time is ahead of its append: an event of one of many actors, and a tick. */
function framesOf(partition: number, now: number): string[] {
  return Array.from({ length: FRAMES }, (_, n) => {
    const time = formatInstant(now - (FRAMES - n) * HOUR_MS)
    const actor = { type: 'user', id: `p${partition}-u${(n * n + n) % 97}` }
    const event = { id: `p${partition}-e${n}`, type: 'track', event: 'Visit', actor, time, receivedAt: time, properties: { total: n } }
    const control = n === 0 ? 'writer.open' : 'tick'
    return `${JSON.stringify({ record: control, writer: 'w', time })}\n${JSON.stringify(event)}`
  })
}

/** Folds both partitions to their ends. @param definition of the first cycle, with those of other ones */
async function foldToEnd(reader: LogReader, definition = cycle, ...others: readonly CompiledCycle[]): Promise<void> {
  const ended = Promise.withResolvers<void>()
  let open = PARTITIONS * (1 + others.length)
  const end = new AbortController()
  const report = (progress: { kind: string; offset?: number }): void => {
    if ((progress.kind === 'committed' || progress.kind === 'restored') && progress.offset === FRAMES - 1 && --open === 0) ended.resolve()
  }
  await reader.own({
    assigned: (owned) => {
      runPartition(owned, others.find((other) => other.cycle === owned.cycle) ?? definition, {
        signal: end.signal,
        limits: { bytesAtOnce: 5_000, checkpointRound: 256 },
        report,
      }).catch(ended.reject)
    },
    revoked: () => undefined,
  })
  await ended.promise.finally(async () => {
    end.abort()
    await reader.close()
  })
}

const command = (name: string, ...args: string[]) =>
  rondo(
    ...(name === 'repartition' ? [name] : ['archive', name]),
    '--brokers',
    broker().address,
    '--prefix',
    settings.prefix ?? '',
    '--partitions',
    String(PARTITIONS),
    '--archive',
    archive,
    ...args,
  )
const feeds = () => Promise.all([0, 1].map((partition) => feedOf(settings, partition)))

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

async function withHistory<T>(work: (history: KafkaHistory, archived: FolderArchive) => Promise<T>): Promise<T> {
  const history = await KafkaHistory.open(settings)
  const archived = new FolderArchive(archive, history.name)
  try {
    return await work(history, archived)
  } finally {
    await Promise.all([archived.close(), history.close()])
  }
}
const wholeLogs = () => withHistory((history, archived) => Promise.all([0, 1].map((partition) => listOf(wholeLog(archived, history, partition)))))
const beginnings = () => withHistory(async (history) => [(await history.bounds(0)).begin, (await history.bounds(1)).begin])

describe('the archive of a log on Kafka', () => {
  let records: LogRecord[][]

  beforeAll(async () => {
    settings = trialSettings(broker(), { partitions: PARTITIONS, isArchived: true, identity: identityOf(cycle, 1) })
    const log = await openKafkaLog(settings)
    const writer = log.writer()
    const now = Date.now()
    const frames = [framesOf(0, now), framesOf(1, now)]
    for (const [partition, all] of frames.entries()) await writer.append(partition, all.slice(0, FIRST_FILE))
    expect(await command('write')).toMatchObject({ code: 0, messages: expect.stringContaining('2 files were written') })
    for (const [partition, all] of frames.entries()) await writer.append(partition, all.slice(FIRST_FILE))
    await writer.close()
    await foldToEnd(log.reader())
    records = [await logOf(settings, 0), await logOf(settings, 1)]
  })

  it('is trimmed up to what the checkpoints need, and gives back every record with its append time', async () => {
    expect(await command('write')).toMatchObject({ code: 0, messages: expect.stringContaining('2 files were written') })
    expect(await rondo('archive', 'verify', '--archive', archive)).toMatchObject({ code: 0 })
    const trimmed = await command('trim', '--keep', '0s')
    expect(trimmed).toMatchObject({
      code: 0,
      messages: expect.stringMatching(/Partition 1: offsets 0 to 99 are in the archive .* A restore from \S+checkpoints needs offset \d+/),
    })
    expect(await beginnings()).toEqual([FIRST_FILE, FIRST_FILE])
    expect(records[0]?.[0]?.appendedAt).toBeGreaterThan(0)
    expect(await wholeLogs()).toEqual(records)
    await expect(logOf(settings, 0)).rejects.toMatchObject({ code: 'RONDO_LOG_INCOMPLETE', message: expect.stringContaining('--archive') })
  })

  it('keeps its files if a manifest is lost after the trim, and is not continued until the manifest is back', async () => {
    const folder = join(archive, 'partition=1')
    const filesIn = () => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
    const [path, before] = [join(folder, 'manifest.json'), filesIn()]
    renameSync(path, join(home.path, 'manifest.json'))
    expect(await command('write')).toMatchObject({
      code: 1,
      messages: expect.stringMatching(/partition=1\/manifest\.json: it is missing.*\(RONDO_ARCHIVE_DAMAGED\)/),
    })
    expect(filesIn()).toEqual(before)
    renameSync(join(home.path, 'manifest.json'), path)
    expect(await command('write')).toMatchObject({ code: 0, messages: expect.stringContaining('Nothing is new') })
  })

  it('a restart needs only the log; a restore whose checkpoints are of no use reads archive and log, and publishes nothing again', async () => {
    const before = await feeds()
    expect(before.flat().length).toBeGreaterThan(60)
    expect(before[0]).toEqual(folded(records[0] ?? [], cycle))
    await foldToEnd((await openKafkaLog(settings)).reader())
    // The checkpoints of one definition are of no use to another one.
    const other = compileCycle({ ...presence, version: 2 })
    const log = await openKafkaLog(settings)
    await expect(foldToEnd(log.reader(), other)).rejects.toMatchObject({ code: 'RONDO_LOG_INCOMPLETE' })
    await foldToEnd(
      archivedReader(log.reader(), async () => new FolderArchive(archive, await log.name())),
      other,
    )
    expect(await feeds()).toEqual(before)
  })

  it('a second cycle that is added is folded from the beginning of the archive, and has what it would have if it had always run', async () => {
    const second = compileCycle({ ...presence, cycle: 'pair' })
    const before = await feeds()
    const both = { ...settings, ...namesOfCycles([identityOf(cycle, 1), identityOf(second, 1)]) }
    const log = await openKafkaLog(both)
    await foldToEnd(
      archivedReader(log.reader(), async () => new FolderArchive(archive, await log.name())),
      cycle,
      second,
    )
    const added = { ...settings, identity: identityOf(second, 1), cycle: second.cycle }
    expect(await Promise.all([0, 1].map((partition) => feedOf(added, partition)))).toEqual(records.map((each) => folded(each, second)))
    expect(await feeds()).toEqual(before)
  })

  it('is copied with the log into another number of partitions', async () => {
    const to = { ...settings, prefix: `${randomId()}.`, partitions: 3 }
    const copied = await command('repartition', '--replication', '1', '--to-prefix', to.prefix, '--to-partitions', '3')
    expect(copied).toMatchObject({ code: 0, messages: expect.stringContaining(`${4 * FRAMES} entries copied`) })
    const copies = await Promise.all([0, 1, 2].map((partition) => logOf(to, partition)))
    const idsIn = (logs: LogRecord[][]) => entriesOf(logs.flat().map(({ frame }) => frame)).flatMap((entry) => (isControl(entry) ? [] : [entry.id]))
    expect(idsIn(copies).toSorted()).toEqual(idsIn(records).toSorted())
  })

  it('a retention without an archive is refused before any topic is made', async () => {
    const retained = trialSettings(broker(), { activityRetentionMs: 86_400_000 })
    await expect(openKafkaLog(retained)).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID', message: expect.stringContaining('RONDO_ARCHIVE') })
    expect((await admin().listTopics()).filter((name) => name.startsWith(retained.prefix ?? ''))).toEqual([])
  })
})
