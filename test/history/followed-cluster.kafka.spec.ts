import { expect, it } from '@jest/globals'
import type { CycleDefinition, Output } from '#contracts'
import { compileCycle, identityOf, readDefinition } from '#cycle'
import { type KafkaLog, type OwnedPartition, openKafkaLog } from '#event-log'
import { HistoryFile, HistoryFollower, IN_MEMORY } from '#history'
import { runPartition } from '#pipeline'
import { clusterHistory } from '../../apps/serving/src/history/cluster-history.ts'
import { brokerForTests, trialSettings } from '../fixtures/broker/broker-for-tests.ts'
import { feedOf } from '../fixtures/broker/log-contents.ts'
import { PULSE } from '../fixtures/cycles/pulse.ts'
import { eventually } from '../fixtures/eventually.ts'
import { framesOf } from '../invariance/recorded-logs.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { expectedRelations } from './expected-relations.ts'
import { relationsOf } from './followed-folder.ts'
import { LongLog } from './long-log.ts'

const PARTITIONS = 3
const pulse = readDefinition(PULSE, 'pulse.yaml').definition as CycleDefinition
const cycle = compileCycle(pulse)
const broker = brokerForTests()

/** Folds all partitions to the end of the log. */
async function fold(log: KafkaLog, ends: readonly number[]): Promise<void> {
  const reader = log.reader()
  const end = new AbortController()
  const runs: Promise<unknown>[] = []
  const folded = new Set<number>()
  const assigned = (owned: OwnedPartition): void => {
    const report = (progress: { kind: string; offset?: number }): void => {
      if (progress.kind === 'committed' && (progress.offset ?? -1) >= (ends[owned.partition] ?? 0)) folded.add(owned.partition)
    }
    runs.push(runPartition(owned, cycle, { signal: end.signal, report }))
  }
  const owning = reader.own({ assigned, revoked: () => {} })
  await eventually(
    () => folded.size,
    (size) => size === PARTITIONS,
  )
  end.abort()
  await Promise.all([owning, ...runs])
  await reader.close()
}

it('a history of several partitions has the relations of their whole log, also when it is followed again from its positions', async () => {
  const settings = trialSettings(broker(), { partitions: PARTITIONS, identity: identityOf(cycle) })
  const log = await openKafkaLog(settings)
  const writer = log.writer()
  const groupPositions = log.groupPositions()
  const transitions = Array.from({ length: PARTITIONS }, (_, partition) => log.feed(partition))
  const source = await clusterHistory({ log, transitions, groupPositions, archive: '' })
  const identity = { ...identityOf(cycle), ...source.log }
  const history = await HistoryFile.open({ path: IN_MEMORY, actorType: cycle.actorType, partitions: PARTITIONS, identity })
  const long = new LongLog(3, 150)
  const records: LogRecord[] = []
  const ends = Array.from({ length: PARTITIONS }, () => -1)
  try {
    for (const part of [[{ record: 'writer.open', writer: 'w', time: '2026-03-01T00:00:00.000Z' } as const, ...long.next(1200)], long.next(800)]) {
      records.push(...part)
      const frames = framesOf({ name: 'pulse', records: part, end: 0 }, PARTITIONS)
      for (const [partition, ofPartition] of frames.entries()) ends[partition] = (await writer.append(partition, ofPartition)) + ofPartition.length - 1
      await fold(log, ends)
      const follower = await HistoryFollower.resume(history, { cycle, generation: 1, source, limits: { rowsMax: 300, bytesMax: 1 << 16 } })
      while ((await follower.step()).isMore);
    }
    const feeds = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => feedOf(settings, partition)))
    const feed = feeds.flat().map((text) => JSON.parse(text) as Output)
    expect(feeds.map(({ length }) => length > 100)).toEqual([true, true, true])
    expect(await relationsOf(history)).toEqual(expectedRelations(pulse, records, feed))
    expect(Number.isFinite(await history.asOf())).toBe(true)
  } finally {
    await history.close()
    await source.close()
    await Promise.all([writer.close(), groupPositions.close(), ...transitions.map((each) => each.close())])
  }
})
