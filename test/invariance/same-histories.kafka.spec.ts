// Rule 10: the history does not depend on batches, on owners, or on the number of partitions.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import type { CompiledCycle } from '#cycle'
import { type KafkaSettings, type LogReader, type OwnedPartition, openKafkaLog } from '#event-log'
import { runPartition } from '#pipeline'
import { cycleLogReader, openCycleFolder } from '#projections'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { Broker } from '../../scripts/local/broker.ts'
import { cycleOf } from '../bench/cycle.ts'
import { feedOf } from '../fixtures/broker/log-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { historyOf, rondo } from '../fixtures/processes/rondo-command.ts'
import { contributionsLog, framesOf, type RecordedLog, shopLog } from './recorded-logs.ts'

const EVENTS = process.env['RONDO_TEST_LONG'] === '1' ? 1_000_000 : 20_000
const APPEND_FRAMES = 64
/** The number of partitions, and of the processors that share them. */
const SHAPES = [
  [1, 1],
  [3, 2],
  [6, 3],
] as const

/** A cycle, and where its log ends. */
interface Run {
  readonly cycle: CompiledCycle
  readonly end: number
}

/** Folds the partitions of a reader, and adds each partition to `ended` when its log time is at the end. @returns a function that ends the runs */
function start(reader: LogReader, { cycle, end }: Run, ended: Set<number>): { stop: () => Promise<void> } {
  const runs = new Map<number, { abort: AbortController; done: Promise<void> }>()
  const assigned = (owned: OwnedPartition): void => {
    const abort = new AbortController()
    const report = (progress: { kind: string; logTime?: number }): void => {
      if ((progress.logTime ?? Number.NEGATIVE_INFINITY) >= end) ended.add(owned.partition)
    }
    const before = runs.get(owned.partition)?.done ?? Promise.resolve()
    const run = async (): Promise<void> => {
      await before
      try {
        await runPartition(owned, cycle, { signal: abort.signal, report })
      } catch (failure) {
        // A reader that loses a partition during a restore loses the connection that reads it.
        if (!abort.signal.aborted) throw failure
      }
    }
    runs.set(owned.partition, { abort, done: run() })
  }
  const owning = reader.own({ assigned, revoked: (partition) => runs.get(partition)?.abort.abort() })
  const stop = async (): Promise<void> => {
    await owning
    for (const { abort } of runs.values()) abort.abort()
    await Promise.all([...runs.values()].map(({ done }) => done))
    await reader.close()
  }
  return { stop }
}

const until = (isDone: () => boolean): Promise<boolean> => eventually(isDone, Boolean)

async function embedded(log: RecordedLog, cycle: CompiledCycle, path: string): Promise<Output[]> {
  const folder = openCycleFolder(path, cycle)
  await folder.writer.append(0, framesOf(log, 1)[0] ?? [])
  const ended = new Set<number>()
  const { stop } = start(cycleLogReader(path), { cycle, end: log.end }, ended)
  await until(() => ended.size === 1)
  await stop()
  const state = folder.stateReader()
  const outputs: Output[] = []
  for (let after = 0; ; ) {
    const page = await state.read(after, 10_000)
    outputs.push(...page.map(({ output }) => JSON.parse(output) as Output))
    if (page.length === 0) break
    after = page.at(-1)?.cursor ?? after
  }
  state.close()
  await folder.close()
  return outputs
}

async function write(log: RecordedLog, settings: KafkaSettings): Promise<void> {
  const writer = (await openKafkaLog(settings)).writer()
  for (const [partition, frames] of framesOf(log, settings.partitions).entries()) {
    for (let at = 0; at < frames.length; at += APPEND_FRAMES) await writer.append(partition, frames.slice(at, at + APPEND_FRAMES))
  }
  await writer.close()
}

async function foldedOnKafka(log: RecordedLog, cycle: CompiledCycle, settings: KafkaSettings, processors: number): Promise<Output[]> {
  const kafka = await openKafkaLog(settings)
  const ended = new Set<number>()
  const running = Array.from({ length: processors }, () => start(kafka.reader(), { cycle, end: log.end }, ended))
  await until(() => ended.size === settings.partitions)
  for (const { stop } of running) await stop()
  const feeds = await Promise.all(Array.from({ length: settings.partitions }, (_, partition) => feedOf(settings, partition)))
  return feeds.flat().map((output) => JSON.parse(output) as Output)
}

describe.each([
  ['a shop, live', 'shop-customer', () => shopLog(EVENTS)],
  ['contributions, as recorded', 'presence-30d', (folder: string) => contributionsLog(folder)],
] as const)('the histories of %s', (_name, definition, logOf) => {
  const home: TemporaryFolder = temporaryFolder()
  const cycle = cycleOf(definition, { 'grace: 0s': 'grace: 30d' })
  let broker: Broker
  let log: RecordedLog
  let expected: Record<string, string[]>

  beforeAll(async () => {
    broker = await Broker.start(`${home.path}/kafka`)
    log = await logOf(home.path)
    expected = historyOf(await embedded(log, cycle, `${home.path}/data`))
  })
  afterAll(async () => {
    await broker?.stop()
    home[Symbol.dispose]()
  })

  it('have many actors and many absences', () => {
    expect(Object.keys(expected).length).toBeGreaterThan(400)
    expect(
      Object.values(expected)
        .flat()
        .filter((line) => line.startsWith('disengage ')).length,
    ).toBeGreaterThan(400)
  })

  it.each(SHAPES)(
    'are the same over %i partitions and %i processors as in one folder',
    async (partitions, processors) => {
      const settings = settingsOf(partitions)
      await write(log, settings)
      expectSame(historyOf(await foldedOnKafka(log, cycle, settings, processors)))
    },
    900_000,
  )

  it('are the same when the log of 3 partitions has been copied over 4', async () => {
    const [from, to] = [settingsOf(3), settingsOf(4)]
    const args = ['--prefix', from.prefix, '--partitions', '3', '--to-prefix', to.prefix, '--to-partitions', '4', '--replication', '1']
    const copied = await rondo(['repartition', '--brokers', broker.address, ...args])
    expect([copied.code, copied.stderr]).toEqual([0, expect.stringMatching(/entries copied into .* over 4 partitions/)])
    expectSame(historyOf(await foldedOnKafka(log, cycle, to, 2)))
    const secondCopy = await rondo(['repartition', '--brokers', broker.address, ...args])
    expect([secondCopy.code, secondCopy.stderr]).toEqual([1, expect.stringContaining('RONDO_LOG_NOT_EMPTY')])
  })

  function settingsOf(partitions: number) {
    const prefix = `${definition}-${partitions}-`
    return { ...broker.access, prefix, group: prefix, partitions, replication: 1, identity: { cycle: cycle.fingerprint } }
  }

  function expectSame(found: Record<string, string[]>): void {
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
    const differing = Object.keys(expected).filter((actor) => JSON.stringify(found[actor]) !== JSON.stringify(expected[actor]))
    expect(differing.map((actor) => ({ actor, found: found[actor], expected: expected[actor] })).slice(0, 3)).toEqual([])
  }
})
