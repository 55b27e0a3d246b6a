import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { formatInstant } from '#contracts'
import { compileCycle, identityOf, readDefinition } from '#cycle'
import { type KafkaSettings, type OwnedPartition, openKafkaLog } from '#event-log'
import { runPartition } from '#pipeline'
import { openRedisProjections } from '#projections'
import { Projector } from '../../../../libs/projections/src/projector.ts'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { plainClient } from '../../../../test/fixtures/broker/plain-client.ts'
import { commandFilesForTests, rondo } from '../../../../test/fixtures/processes/command-in-process.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'

const PARTITIONS = 2
const FRAMES = 120
const HOUR_MS = 3_600_000
const files = commandFilesForTests()
const definition = readDefinition(files.presence, 'cycle.yaml').definition
if (definition === undefined) throw new TypeError('the definition has a defect')
const cycle = compileCycle(definition)
const broker = brokerForTests()
const redis = redisForTests()
let settings: KafkaSettings
let redisPrefix: string

/** A frame for each 12 hours, so that some actors are absent for more than 30 days: an event of one of some actors, and a tick. */
function framesOf(partition: number, now: number): string[] {
  return Array.from({ length: FRAMES }, (_, n) => {
    const time = formatInstant(now - (FRAMES - n) * 12 * HOUR_MS)
    const actor = { type: definition?.actor ?? 'user', id: `p${partition}-u${(n * n + n) % 97}` }
    const event = { id: `p${partition}-e${n}`, type: 'track', event: 'Visit', actor, time, receivedAt: time, properties: {} }
    const control = { record: n === 0 ? 'writer.open' : 'tick', writer: 'w', time }
    return `${JSON.stringify(control)}\n${JSON.stringify(event)}`
  })
}

/** Folds both partitions to their ends, and does something with each batch before its commit. */
async function fold(change: (batch: Parameters<OwnedPartition['commit']>[0]) => Parameters<OwnedPartition['commit']>[0] = (batch) => batch): Promise<void> {
  const reader = (await openKafkaLog(settings)).reader()
  const ended = Promise.withResolvers<void>()
  let open = PARTITIONS
  const end = new AbortController()
  const report = (progress: { kind: string; offset?: number }): void => {
    if (progress.kind === 'committed' && progress.offset === FRAMES - 1 && --open === 0) ended.resolve()
  }
  await reader.own({
    assigned: (owned) => {
      const changed: OwnedPartition = {
        partition: owned.partition,
        partitions: owned.partitions,
        committed: () => owned.committed(),
        partitionMetadata: () => owned.partitionMetadata(),
        names: () => owned.names(),
        checkpoints: () => owned.checkpoints(),
        read: (offset, limits) => owned.read(offset, limits),
        commit: (batch) => owned.commit(change(batch)),
      }
      runPartition(changed, cycle, { signal: end.signal, limits: { bytesAtOnce: 5_000 }, report }).catch(ended.reject)
    },
    revoked: () => undefined,
  })
  await ended.promise.finally(async () => {
    end.abort()
    await reader.close()
  })
}

/** Brings read models in Redis to the end of the feed. */
async function project(): Promise<void> {
  const projections = await openRedisProjections({ ...redis().access, prefix: redisPrefix })
  const target = projections.target({ name: 'g', partitions: PARTITIONS })
  const log = await openKafkaLog(settings)
  for (const partition of [0, 1]) {
    const feed = log.feed(partition)
    await feed.caughtUp()
    const projector = new Projector({ partition, feed, target, freshness: async () => 0, onRetry: () => undefined })
    await projector.catchUp(new AbortController().signal)
    await feed.close()
  }
  projections.close()
}

const verify = (...more: string[]) => {
  const { prefix = '', group } = settings
  const where = ['--brokers', broker().address, '--prefix', prefix, '--group', group, '--partitions', String(PARTITIONS), '--redis-prefix', redisPrefix]
  return rondo('verify', ...where, '--definition', files.cycle, '--scratch', join(files.folder.path, 'scratch'), ...more)
}

describe('rondo verify of a Rondo on Kafka and Redis', () => {
  beforeEach(async () => {
    settings = trialSettings(broker(), { partitions: PARTITIONS, identity: identityOf(cycle, 1) })
    redisPrefix = `verify-${settings.group}`
    process.env['RONDO_REDIS'] = redis().access.url
    const writer = (await openKafkaLog(settings)).writer()
    for (const partition of [0, 1]) await writer.append(partition, framesOf(partition, Date.now()))
    await writer.close()
  })
  afterEach(() => {
    delete process.env['RONDO_REDIS']
  })

  it('finds no difference where all follows from the log, and says what it does not compare', async () => {
    await fold()
    await project()
    const { code, output, messages } = await verify()
    expect([code, messages]).toEqual([0, expect.stringMatching(/^rondo: verifying \S+activity on \S+: the cycle \S+, 2 partitions\.\n$/)])
    expect(output).toMatch(/: no difference \(\d{2,} outputs, \d{2,} actors, no history: each serving process has its own\)\. All of it follows/)
    delete process.env['RONDO_REDIS']
    expect(await verify()).toMatchObject({ code: 0, output: expect.stringContaining('no read models: RONDO_REDIS is not set') })
  })

  it('finds an output that does not follow from the log, and one behind the last one', async () => {
    let isChanged = false
    await fold((batch) => {
      const [first, ...rest] = batch.outputs
      if (isChanged || first === undefined) return batch
      isChanged = true
      return { ...batch, outputs: [{ ...first, cause: 'planted' }, ...rest] }
    })
    await project()
    const changed = await verify()
    expect(changed).toMatchObject({ code: 1, output: expect.stringMatching(/: DIFFERENT \(1 in outputs; /) })
    expect(changed.messages).toMatch(/outputs: partition \d, output 1: stored is .*planted.*, and from the log follows /)
    const producer = plainClient(broker()).producer()
    await producer.connect()
    await producer.send({ topic: `${settings.prefix}transitions`, messages: [{ partition: 1, value: '{"planted":"behind"}' }] })
    await producer.disconnect()
    delete process.env['RONDO_REDIS']
    const { code, output, messages } = await verify()
    expect([code, output]).toEqual([1, expect.stringMatching(/: DIFFERENT \(2 in outputs; /)])
    expect(messages).toMatch(/outputs: partition 1, output \d+: stored is .*behind.*, and from the log follows nothing/)
  })

  it('finds a count, a listing and a receipt in Redis that do not follow from the feed', async () => {
    await fold()
    await project()
    const client = new Redis(redis().access.url)
    const state = `${redisPrefix}:{g.0}:state`
    const [count = ''] = (await client.hkeys(state)).filter((field) => field.startsWith('stage.'))
    await client.hincrby(state, count, '1')
    expect(await verify()).toMatchObject({ code: 1, output: expect.stringMatching(/: DIFFERENT \(1 in read models; /) })
    await client.hincrby(state, count, '-1')
    const stages = `${redisPrefix}:{g.1}:stages`
    const [member = ''] = await client.zrange(stages, '0', '0')
    await client.zrem(stages, member)
    expect(await verify()).toMatchObject({ code: 1, messages: expect.stringMatching(/read models: listing of \S+: stored is /) })
    await client.zadd(stages, '0', member)
    const [history = ''] = await client.keys(`${redisPrefix}:{g.1}:history:*`)
    await client.rpop(history)
    expect(await verify()).toMatchObject({ code: 1, messages: expect.stringMatching(/read models: history of actor \S+ \S+: stored is nothing, and/) })
    client.disconnect()
  })

  it('refuses another definition, a group that has folded nothing, and two Rondos at once', async () => {
    await fold()
    expect(await verify('--generation', '2')).toMatchObject({ code: 1, messages: expect.stringContaining('RONDO_DATA_MISMATCH') })
    expect(await verify('--group', 'nobody')).toMatchObject({ code: 2, messages: expect.stringContaining('has folded nothing') })
    expect(await verify('--data', 'data')).toMatchObject({ code: 2, messages: expect.stringContaining('expected one of them') })
  })
})
