import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Admin } from 'kafkajs'
import { randomId } from '#runtime'
import { brokerForTests, trialSettings } from '../../../../../test/fixtures/broker/broker-for-tests.ts'
import { ConnectionLost, intercept, interceptOnce, type TransactionCall, transactionCalls } from '../../../../../test/fixtures/broker/intercept.ts'
import { allCheckpoints } from '../../conformance/fixture.ts'
import { positionAt, sampleBatch, sampleOutputs } from '../../conformance/samples.ts'
import type { CommitBatch } from '../../event-log.ts'
import { StoredState } from '../checkpoints/stored-state.ts'
import { newCluster, newKafka } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { openKafkaLog } from '../kafka-log.ts'
import type { KafkaFeed } from '../log/kafka-feed.ts'
import { KafkaOwnedPartition } from './kafka-owned-partition.ts'

const broker = brokerForTests()
let settings: KafkaSettings
let admin: Admin
let feed: KafkaFeed
let owners: KafkaOwnedPartition[]

beforeEach(async () => {
  settings = trialSettings(broker())
  const log = await openKafkaLog(settings)
  const writer = log.writer()
  await writer.append(0, ['one', 'two', 'three', 'four'])
  await writer.close()
  admin = newKafka(settings).admin()
  await admin.connect()
  feed = log.feed(0)
  owners = []
})
afterEach(async () => {
  for (const owner of owners) owner.end()
  await Promise.all([admin.disconnect(), feed.close(), ...owners.map(({ ended }) => ended)])
})

/** Takes the partition over. `confirmed` is the answer of the group to the owner; by default the owner is still a member. */
async function takeOver(confirmed: () => Promise<boolean> = async () => true, parts: Partial<KafkaSettings> = {}): Promise<KafkaOwnedPartition> {
  const all = { ...settings, ...parts }
  const cluster = newCluster(all)
  const stored = new StoredState({ settings: all, partition: 0, admin, cluster, signal: new AbortController().signal })
  const membership = { confirmed, onError: () => {} }
  try {
    const owned = await KafkaOwnedPartition.takeOver({ settings: all, partition: 0, membership, stored, cluster, keepsRefused: true })
    owners.push(owned)
    return owned
  } catch (failure) {
    await cluster.disconnect()
    throw failure
  }
}

/** The batch that folds the record at an offset: two outputs, numbered from 1. */
function batchAt(offset: number, parts: Partial<CommitBatch> = {}): CommitBatch {
  const previousPosition = offset === 0 ? undefined : positionAt(offset - 1)
  return sampleBatch({
    previousPosition,
    position: positionAt(offset),
    outputs: sampleOutputs([2 * offset + 1, 2 * offset + 2]),
    partitionMetadata: `{"at":${offset}}`,
    ...parts,
  })
}

async function published(): Promise<number[]> {
  await feed.caughtUp()
  return (await feed.read(0, 1000)).map(({ output }) => JSON.parse(output).seq)
}

describe('a takeover', () => {
  it('fences before it reads the position: the open commit of the previous owner is aborted, and fails', async () => {
    for (const call of ['produce', 'txnOffsetCommit', 'endTxn'] as const) {
      const before = (await published()).length / 2
      const [reached, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const first = await takeOver()
      using _gate = interceptOnce(call, (send) => {
        reached.resolve()
        return release.promise.then(send)
      })
      const outcome = first.commit(batchAt(before))
      await reached.promise
      const second = await takeOver()
      expect(await second.committed()).toEqual(before === 0 ? undefined : positionAt(before - 1))
      release.resolve()
      expect(await outcome).toBe('lost')
      expect(await second.commit(batchAt(before))).toBe('committed')
      expect(await published()).toEqual(Array.from({ length: 2 * before + 2 }, (_, i) => i + 1))
    }
  })

  it('reads the position only after it has fenced the previous owner: it sees a commit just before the fence', async () => {
    const release = Promise.withResolvers<void>()
    const first = await takeOver()
    using _gate = interceptOnce('endTxn', (send) => release.promise.then(send))
    const outcome = first.commit(batchAt(0))
    using _slip = interceptOnce('initProducerId', async (send) => {
      release.resolve()
      expect(await outcome).toBe('committed')
      return send()
    })
    const second = await takeOver()
    expect(await second.committed()).toEqual(positionAt(0))
    expect(await second.commit(batchAt(1))).toBe('committed')
    expect(await published()).toEqual([1, 2, 3, 4])
  })

  it('sees the commit of the previous owner, although the broker may not have marked it yet', async () => {
    for (const offset of [0, 1, 2, 3]) {
      const checkpoints = [{ bucket: 1, metadata: String(offset), bytes: Uint8Array.of(offset) }]
      expect(await (await takeOver()).commit(batchAt(offset, { checkpoints }))).toBe('committed')
      const next = await takeOver()
      expect([await next.committed(), await next.partitionMetadata(), await allCheckpoints(next)]).toEqual([
        positionAt(offset),
        `{"at":${offset}}`,
        checkpoints,
      ])
    }
  })

  it('does not see positions that were sent and never committed', async () => {
    const first = await takeOver()
    expect(await first.commit(batchAt(0))).toBe('committed')
    using _cut = intercept('endTxn', () => Promise.reject(new ConnectionLost('cut')))
    const outcome = (await takeOver(async () => false)).commit(batchAt(1))
    expect(await outcome).toBe('lost')
    expect(await (await takeOver()).committed()).toEqual(positionAt(0))
    expect(await published()).toEqual([1, 2])
  })
})

describe('a commit whose outcome is not known', () => {
  const calls = transactionCalls.filter((call) => call !== 'initProducerId')
  const cases = calls.flatMap((call) => [[call, 'before it was sent'] as const, [call, 'after it was done'] as const])

  it.each(cases)('is determined when the connection is lost at %s, %s', async (call: TransactionCall, when) => {
    const owned = await takeOver()
    expect(await owned.commit(batchAt(0))).toBe('committed')
    {
      using _cut = interceptOnce(call, async (send) => {
        if (when === 'after it was done') await send()
        throw new ConnectionLost('cut')
      })
      expect(await owned.commit(batchAt(1))).toBe('committed')
    }
    expect(await owned.committed()).toEqual(positionAt(1))
    expect(await owned.commit(batchAt(2))).toBe('committed')
    expect(await published()).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('is lost if another owner has continued meanwhile', async () => {
    const second = Promise.withResolvers<void>()
    const first = await takeOver(() => second.promise.then(() => true))
    {
      using _cut = interceptOnce('endTxn', () => Promise.reject(new ConnectionLost('cut')))
      const outcome = first.commit(batchAt(0))
      const other = await takeOver()
      for (const offset of [0, 1]) expect(await other.commit(batchAt(offset))).toBe('committed')
      second.resolve()
      expect(await outcome).toBe('lost')
    }
    expect(await first.commit(batchAt(0))).toBe('lost')
    expect(await published()).toEqual([1, 2, 3, 4])
  })

  it('initialises nothing until the group has confirmed the owner', async () => {
    const answer = Promise.withResolvers<boolean>()
    const asked = Promise.withResolvers<void>()
    const taken = Promise.withResolvers<KafkaOwnedPartition>()
    const first = await takeOver(() => {
      asked.resolve()
      return answer.promise
    })
    using _cut = interceptOnce('produce', async () => {
      taken.resolve(await takeOver())
      throw Object.assign(new ConnectionLost('cut'), { retriable: false })
    })
    const outcome = first.commit(batchAt(0))
    const second = await taken.promise
    let initialisations = 0
    using _count = intercept('initProducerId', (send) => {
      initialisations += 1
      return send()
    })
    await asked.promise
    // An owner that did not wait for the confirmation would initialise during these requests, and fence the rightful owner.
    expect(await second.commit(batchAt(0))).toBe('committed')
    expect(initialisations).toBe(0)
    answer.resolve(false)
    expect(await outcome).toBe('lost')
    expect(await second.commit(batchAt(1))).toBe('committed')
    expect(await published()).toEqual([1, 2, 3, 4])
  })

  it('rejects if it is certain that nothing was published, and may be retried', async () => {
    const owned = await takeOver()
    {
      using _refused = intercept('produce', () => Promise.reject(Object.assign(new ConnectionLost('no'), { retriable: false })))
      await expect(owned.commit(batchAt(0))).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
    }
    expect(await owned.commit(batchAt(0))).toBe('committed')
    expect(await published()).toEqual([1, 2])
  })
})

describe('a batch', () => {
  it('without outputs is committed by the same producer as the batch before it, sixty times in a row', async () => {
    const owned = await takeOver()
    let initialisations = 0
    using _count = intercept('initProducerId', (send) => {
      initialisations += 1
      return send()
    })
    let previousPosition: CommitBatch['previousPosition']
    for (let index = 0; index < 60; index++) {
      const position = positionAt(0, index)
      expect(await owned.commit(sampleBatch({ previousPosition, position }))).toBe('committed')
      previousPosition = position
    }
    expect([await owned.committed(), initialisations]).toEqual([positionAt(0, 59), 0])
  })

  it('may be large: outputs larger than a request, checkpoints larger than a record, partition metadata larger than a position', async () => {
    const owned = await takeOver()
    const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 251)
    const partitionMetadata = JSON.stringify({ pushOuts: 'é'.repeat(700_000) })
    const seqs = Array.from({ length: 10_000 }, (_, i) => i + 1)
    expect(await owned.commit(batchAt(0, { outputs: sampleOutputs(seqs), checkpoints: [{ bucket: 0, metadata: 'large', bytes }], partitionMetadata }))).toBe(
      'committed',
    )
    const next = await takeOver()
    expect((await next.partitionMetadata()) === partitionMetadata).toBe(true)
    const [part] = await allCheckpoints(next)
    expect([part?.bucket, part?.metadata, Buffer.compare(part?.bytes ?? bytes, bytes)]).toEqual([0, 'large', 0])
    await feed.caughtUp()
    expect((await feed.read(0, 20_000)).map(({ output }) => JSON.parse(output).seq)).toEqual(seqs)
    expect((await feed.newest(7)).map(({ output }) => JSON.parse(output).seq)).toEqual(seqs.slice(-7))
    expect(await next.commit(batchAt(1, { checkpoints: [{ bucket: 0, metadata: 'small', bytes: Uint8Array.of(1) }] }))).toBe('committed')
    const last = await takeOver()
    expect([await last.partitionMetadata(), (await allCheckpoints(last)).map(({ metadata }) => metadata)]).toEqual(['{"at":1}', ['small']])
  })
})

describe('a takeover is refused', () => {
  const deleteFirstRecords = async () => {
    const topic = `${settings.prefix}activity`
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
  }
  const refused = (code: string, parts: Partial<KafkaSettings> = {}) =>
    expect(takeOver(async () => true, parts)).rejects.toMatchObject({ code, retriable: false })

  it('if the position was deleted and there are outputs', async () => {
    expect(await (await takeOver()).commit(batchAt(0))).toBe('committed')
    await refused('RONDO_LOG_INCOMPLETE', { group: `${settings.group}-other` })
  })

  it('if records above the position have been deleted', async () => {
    expect(await (await takeOver()).commit(batchAt(0))).toBe('committed')
    await deleteFirstRecords()
    await refused('RONDO_LOG_INCOMPLETE')
  })

  it('if nothing has been folded and the log does not begin at its beginning', async () => {
    await deleteFirstRecords()
    await refused('RONDO_LOG_INCOMPLETE')
  })

  it('if the log ends below the position', async () => {
    expect(await (await takeOver()).commit(sampleBatch({ position: positionAt(4) }))).toBe('committed')
    await refused('RONDO_LOG_INCOMPLETE')
  })

  it('if a tool has set the position', async () => {
    const tool = newKafka(settings).producer({ transactionalId: randomId(), idempotent: true, maxInFlightRequests: 1 })
    await tool.connect()
    const transaction = await tool.transaction()
    const topics = [{ topic: `${settings.prefix}activity`, partitions: [{ partition: 0, offset: '2' }] }]
    await transaction.sendOffsets({ consumerGroupId: settings.group, topics })
    await transaction.commit()
    await tool.disconnect()
    await refused('RONDO_LOG_INCOMPLETE')
  })

  it('if another definition folded before', async () => {
    expect(await (await takeOver()).commit(batchAt(0))).toBe('committed')
    await refused('RONDO_DATA_MISMATCH', { identity: { cycle: 'musician' } })
  })
})
