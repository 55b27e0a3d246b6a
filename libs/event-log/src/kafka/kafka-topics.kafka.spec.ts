import { beforeEach, describe, expect, it } from '@jest/globals'
import kafkajs, { type Producer } from 'kafkajs'
import { randomId } from '#runtime'
import { adminForTests, brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { interceptOnce } from '../../../../test/fixtures/broker/intercept.ts'
import { type Cluster, newCluster, newKafka } from './client/kafka-client.ts'
import type { KafkaSettings } from './client/kafka-settings.ts'
import { openKafkaLog } from './kafka-log.ts'
import { PartitionLog } from './log/partition-log.ts'

const broker = brokerForTests()
let settings: KafkaSettings
const admin = adminForTests(broker)
beforeEach(() => {
  settings = trialSettings(broker())
})

describe('the topics', () => {
  const alter = (name: string, config: Record<string, string>) => {
    const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
    const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: `${settings.prefix}${name}`, configEntries }]
    return admin().alterConfigs({ validateOnly: false, resources })
  }
  const expectMismatch = (...differences: RegExp[]) =>
    openKafkaLog(settings).then(
      () => expect('opened').toBe('refused'),
      (failure) => {
        expect(failure).toMatchObject({ code: 'RONDO_LOG_MISMATCH', retriable: false })
        for (const difference of differences) expect(failure.message).toMatch(difference)
      },
    )

  it('are created by the first process, and accepted by all others', async () => {
    settings = { ...settings, partitions: 3 }
    await Promise.all([1, 2, 3].map(() => openKafkaLog(settings)))
    await openKafkaLog(settings)
    const { topics } = await admin().fetchTopicMetadata({
      topics: ['writers', 'activity', 'transitions', 'late', 'quarantine', 'checkpoints'].map((name) => settings.prefix + name),
    })
    expect(topics.map(({ partitions }) => partitions.length).sort()).toEqual([1, 3, 3, 3, 3, 3])
  })

  it.each(['', 'g2-', 'acme.'])('cannot be sources, neither those of this deployment nor those of another one, with the prefix "%s"', async (prefix) => {
    const log = await openKafkaLog(settings)
    await openKafkaLog({ ...settings, prefix })
    await admin().createTopics({ topics: [{ topic: `shop${randomId()}.activity` }, { topic: 'user-transitions' }].filter(({ topic }) => topic !== prefix) })
    const others = (await admin().listTopics()).filter((topic) => /^shop.*activity$|^user-transitions$/.test(topic))
    const partitionsOf = async (topic: string) => {
      const source = log.source({ topic, name: 'g', onError() {} })
      return source.partitions().finally(() => source.close())
    }
    for (const name of ['writers', 'activity', 'transitions', 'late', 'quarantine', 'checkpoints']) {
      for (const topic of [`${settings.prefix}${name}`, `${prefix}${name}`])
        await expect(partitionsOf(topic)).rejects.toMatchObject({ code: 'RONDO_SOURCES_INVALID', message: expect.stringContaining(topic) })
    }
    for (const topic of others) expect(await partitionsOf(topic)).toBe(1)
  })

  it('are refused with another number of partitions', async () => {
    await openKafkaLog(settings)
    settings = { ...settings, partitions: 2 }
    await expectMismatch(/activity: partitions is 1, not 2/, /checkpoints: partitions is 1, not 2/)
  })

  it('have the configured retention of activity, and are refused with another one; a log without its first records is not copied', async () => {
    settings = { ...settings, activityRetentionMs: 86_400_000, isArchived: true }
    const log = await openKafkaLog(settings)
    const writer = log.writer()
    const begun = Date.now()
    await writer.append(0, ['a', 'b', 'c'])
    const ended = Date.now()
    await writer.close()
    const frames = async () => {
      const found: string[] = []
      for await (const { frame } of log.records(0)) found.push(frame)
      return found
    }
    const retention = log.retention()
    const [before] = await retention.poll()
    expect(before).toMatchObject({ partition: 0, offset: 0 })
    // The broker has the clock of this machine.
    expect([begun <= Number(before?.appendedAt), Number(before?.appendedAt) <= ended]).toEqual([true, true])
    expect(await frames()).toEqual(['a', 'b', 'c'])
    const topic = `${settings.prefix}activity`
    await admin().fetchTopicOffsets(topic)
    await admin().deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] })
    expect(await retention.poll()).toMatchObject([{ offset: 1 }])
    await retention.close()
    await expect(frames()).rejects.toMatchObject({ code: 'RONDO_LOG_INCOMPLETE' })
    settings = { ...settings, activityRetentionMs: undefined }
    await expectMismatch(/activity: retention.ms is 86400000, not -1/)
  })

  it('are refused if they would lose records or use the wrong clock, with every difference named', async () => {
    await openKafkaLog(settings)
    await alter('transitions', { 'retention.ms': '1000', 'max.message.bytes': String(2 << 20) })
    await alter('checkpoints', { 'cleanup.policy': 'delete', 'max.message.bytes': String(2 << 20) })
    await alter('activity', { 'retention.ms': '-1', 'message.timestamp.type': 'CreateTime', 'max.message.bytes': '1000000' })
    await expectMismatch(/transitions: retention.ms is 1000, not -1/, /checkpoints: cleanup.policy is delete, not compact/)
    await expectMismatch(/message.timestamp.type is CreateTime, not LogAppendTime/, /max.message.bytes is 1000000, not 2097152/)
  })

  it('cannot be checked if no broker answers', async () => {
    const nowhere = openKafkaLog({ ...settings, brokers: ['127.0.0.1:1'] })
    await expect(nowhere).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE', retriable: true })
  })
})

describe('a partition with aborted transactions', () => {
  let cluster: Cluster
  let log: PartitionLog
  let producers: Producer[]
  beforeEach(async () => {
    await openKafkaLog(settings)
    cluster = newCluster(settings)
    log = new PartitionLog(cluster, `${settings.prefix}activity`, 0)
    producers = [0, 1, 2].map(() => newKafka(settings).producer({ transactionalId: randomId(), idempotent: true, maxInFlightRequests: 1 }))
    for (const producer of producers) await producer.connect()
  })
  afterEach(() => Promise.all([cluster.disconnect(), ...producers.map((producer) => producer.disconnect())]))

  const valuesOf = async (bytesMax: number): Promise<string[]> => {
    await log.untilDecided()
    const values: string[] = []
    for (let at = 0; ; ) {
      const fetched = await log.fetch(at, { bytesMax, waitMs: 0 })
      values.push(...fetched.records.map(({ value }) => String(value)))
      at = fetched.next
      if (at >= fetched.stable) return values
    }
  }

  it('shows committed records only, also with interleaved producers, in pages of any size', async () => {
    const isCommitted = (round: number, i: number) => (round + i) % 3 === 0
    const sent: { value: string; round: number; i: number }[] = []
    for (let round = 0; round < 12; round++) {
      const transactions = await Promise.all(producers.map((producer) => producer.transaction()))
      for (const [at, transaction] of [...transactions, ...transactions, ...transactions].entries()) {
        const [value, i] = [`${round}/${at}`, at % 3]
        sent.push({ value, round, i })
        // kafkajs takes this key for the mark of an abort.
        await transaction.send({ topic: log.topic, messages: [{ key: Buffer.from([0, 0, 0, 0]), value, partition: 0 }] })
      }
      for (const [i, transaction] of transactions.entries()) await (isCommitted(round, i) ? transaction.commit() : transaction.abort())
    }
    const committed = sent.filter(({ round, i }) => isCommitted(round, i)).map(({ value }) => value)
    // 12 rounds of 9 records; a third of the transactions is committed.
    expect(committed).toHaveLength((12 * 9) / 3)
    for (const bytesMax of [1, 400, 1 << 20]) expect(await valuesOf(bytesMax)).toEqual(committed)
  })

  it('gives a record without a value as an empty frame, which the fold refuses and skips', async () => {
    const [producer] = producers as [Producer]
    await producer.send({
      topic: log.topic,
      messages: [
        { value: null, partition: 0 },
        { value: '{}', partition: 0 },
      ],
    })
    const reader = (await openKafkaLog(settings)).reader()
    const owned = await new Promise<Parameters<Parameters<typeof reader.own>[0]['assigned']>[0]>((assigned) => void reader.own({ assigned, revoked() {} }))
    expect(await owned.read(0, { bytesMax: 1000, waitMs: 5000 })).toEqual([
      { offset: 0, frame: '', appendedAt: expect.any(Number) },
      { offset: 1, frame: '{}', appendedAt: expect.any(Number) },
    ])
    await reader.close()
  })
})

describe('a list', () => {
  // Before this fix, a client that sent an invented cursor got the error of deleted records, and the operator got an alarm.
  it('is refused after a cursor below its beginning; after a cursor above its end it is empty, or refused to a reader that follows it', async () => {
    const log = await openKafkaLog(settings)
    const [refusals, list] = [log.refusalWriter(), log.feed(0, 'quarantine')]
    await refusals.append(0, ['one', 'two', 'three'])
    const topic = `${settings.prefix}quarantine`
    await admin().fetchTopicOffsets(topic)
    await admin().deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    const incomplete = { code: 'RONDO_LOG_INCOMPLETE', retriable: false }
    await expect(list.read(1, 10)).rejects.toMatchObject(incomplete)
    expect(await list.read(2, 10)).toEqual([{ cursor: 3, output: 'three' }])
    expect([await list.read(3, 10), await list.read(4, 10), await list.read(999_999, 10)]).toEqual([[], [], []])
    expect(await list.followed.read(3, 10)).toEqual([])
    await expect(list.followed.read(4, 10)).rejects.toMatchObject(incomplete)
    await Promise.all([refusals.close(), list.close()])
  })
})

describe('the writer', () => {
  it('reports that the outcome of frames is unknown after a failed request, and writes the next ones', async () => {
    const writer = (await openKafkaLog(settings)).writer()
    {
      using _refused = interceptOnce('produce', () => Promise.reject(Object.assign(new Error('no'), { name: 'Refused', retriable: false })))
      const lost = writer.append(0, ['lost'])
      await expect(lost).rejects.toMatchObject({ code: 'RONDO_LOG_UNAVAILABLE' })
    }
    expect(await writer.append(0, ['kept'])).toBe(0)
    await expect(writer.append(0, ['x'.repeat(3_000_000)])).rejects.toMatchObject({ code: 'RONDO_EVENT_TOO_LARGE' })
    expect(await writer.append(0, ['more'])).toBe(1)
    await writer.close()
    await expect(writer.append(0, ['late'])).rejects.toMatchObject({ code: 'RONDO_INTERNAL' })
  })

  it('loses no append, however soon it follows the previous answer', async () => {
    // Before this fix, an append some microtasks after an answer could come between the last check of the queues and the end of the sending.
    const writer = (await openKafkaLog(settings)).writer()
    for (let turns = 0; turns < 12; turns++) {
      await writer.append(0, ['one'])
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await writer.append(0, ['two'])
    }
    await writer.close()
  })

  it('writes frames that are larger than one request together, from one call and in their order', async () => {
    const writer = (await openKafkaLog(settings)).writer()
    const frames = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(60_000)}`)
    const [first, second] = await Promise.all([writer.append(0, frames), writer.append(0, ['last'])])
    expect([first, second]).toEqual([0, 60])
    await writer.close()
    const cluster = newCluster(settings)
    const numbers: string[] = []
    for await (const { value } of new PartitionLog(cluster, `${settings.prefix}activity`, 0).allRecords()) numbers.push(String(value).split(' ')[0] ?? '')
    await cluster.disconnect()
    expect(numbers).toEqual([...frames.keys()].map(String).concat('last'))
  })
})

describe('the registry of writers', () => {
  const heartbeatOf = (writer: string) => ({ writer, name: `process ${writer}`, time: 5, timeoutMs: 15_000 })

  it('lists writers with a heartbeat that were not withdrawn, by the clock of the broker, also for later readers', async () => {
    const log = await openKafkaLog(settings)
    const [first, second] = [log.writers(), log.writers()]
    expect(await first.read()).toEqual({ live: [], withdrawn: new Set(), newestAt: undefined })
    const before = Date.now()
    const [a, b] = [await first.heartbeat(heartbeatOf('a')), await second.heartbeat(heartbeatOf('b'))]
    expect(a).toBeGreaterThanOrEqual(before - 1000)
    expect(b).toBeGreaterThanOrEqual(a)
    expect((await first.read()).live).toEqual([
      { ...heartbeatOf('a'), seenAt: a },
      { ...heartbeatOf('b'), seenAt: b },
    ])
    await first.withdraw('b')
    expect([...(await second.read()).withdrawn]).toEqual(['b'])
    const again = await second.heartbeat(heartbeatOf('b'))
    const { live, newestAt } = await first.read()
    expect(live.map(({ writer }) => writer)).toEqual(['a', 'b'])
    expect(newestAt).toBe(again)
    expect((await second.read()).withdrawn.size).toBe(0)
    await Promise.all([first.close(), second.close()])
  })

  it('skips records that another program has written', async () => {
    const log = await openKafkaLog(settings)
    const registry = log.writers()
    const producer = newKafka(settings).producer()
    await producer.connect()
    const messages = [
      { key: 'x', value: 'not JSON' },
      { key: 'y', value: 'null' },
      { key: 'z', value: JSON.stringify({ writer: 'z' }) },
      { key: 'other', value: JSON.stringify(heartbeatOf('a')) },
    ]
    await producer.send({ topic: `${settings.prefix}writers`, messages })
    await producer.disconnect()
    await registry.heartbeat(heartbeatOf('a'))
    expect((await registry.read()).live.map(({ writer }) => writer)).toEqual(['a'])
    await registry.close()
  })
})
