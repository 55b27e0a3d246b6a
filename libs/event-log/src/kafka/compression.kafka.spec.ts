import { readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import { adminForTests, ownBrokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { codecNames, codecsOnDisk, produceByJava, segmentsOf } from '../../../../test/fixtures/broker/java-producer.ts'
import type { KafkaSettings } from './client/kafka-settings.ts'
import { type KafkaLog, openKafkaLog } from './kafka-log.ts'
import type { TopicSourcePartition } from './sources/topic-source-partition.ts'

const broker = ownBrokerForTests()
const compressions = codecNames.filter((name) => name !== 'none')
const frames = Array.from({ length: 40 }, (_, i) => `frame ${i} ${'{"event":"Page Viewed","actor":"somebody"}\n'.repeat(50)}`)
const { BROKER, TOPIC } = kafkajs.ConfigResourceTypes
let settings: KafkaSettings
const admin = adminForTests(broker)
beforeEach(() => {
  settings = trialSettings(broker())
})

const alter = (type: number, name: string, config: Record<string, string>) => {
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
  return admin().alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] })
}
async function framesOf(log: KafkaLog): Promise<string[]> {
  const found: string[] = []
  for await (const { frame } of log.records(0)) found.push(frame)
  return found
}
async function append(log: KafkaLog): Promise<void> {
  const writer = log.writer()
  await writer.append(0, frames)
  await writer.close()
}

/** The values of a topic's first records, read as a source reads them. */
async function valuesOf(log: KafkaLog, topic: string, count: number): Promise<string[]> {
  const source = log.source({ topic, name: topic, onError() {} })
  const partition = await new Promise<TopicSourcePartition>((assigned, failed) => void source.read({ assigned, revoked() {} }).catch(failed))
  const found: string[] = []
  for (let at = 0; at < count; ) {
    const { records, next } = await partition.read(at, { bytesMax: 1 << 20, waitMs: 1000 })
    found.push(...records.map(({ value }) => String(value)))
    at = next
  }
  await source.close()
  return found
}

describe("Rondo's own records", () => {
  it('are stored with zstd, in a seventh of the bytes or less', async () => {
    const log = await openKafkaLog(settings)
    await append(log)
    expect(new Set(codecsOnDisk(broker(), `${settings.prefix}activity`))).toEqual(new Set(['zstd']))
    const [segment = ''] = segmentsOf(broker(), `${settings.prefix}activity`)
    expect(readFileSync(segment).length).toBeLessThan(frames.join('').length / 7)
    expect(await framesOf(log)).toEqual(frames)
  })

  it.each([...compressions, 'uncompressed'] as const)('are read if the topic compresses them again as %s, and such a topic is accepted', async (codec) => {
    await openKafkaLog(settings)
    const kept = { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1', 'max.message.bytes': String(2 << 20), 'compression.type': codec }
    await alter(TOPIC, `${settings.prefix}activity`, kept)
    const log = await openKafkaLog(settings)
    await append(log)
    expect(new Set(codecsOnDisk(broker(), `${settings.prefix}activity`))).toEqual(new Set([codec === 'uncompressed' ? 'none' : codec]))
    expect(await framesOf(log)).toEqual(frames)
  })

  it('are not compressed again by a broker with another default', async () => {
    await alter(BROKER, '1', { 'compression.type': 'lz4' })
    const log = await openKafkaLog(settings)
    await append(log)
    await alter(BROKER, '1', {})
    expect(new Set(codecsOnDisk(broker(), `${settings.prefix}activity`))).toEqual(new Set(['zstd']))
    expect(await framesOf(log)).toEqual(frames)
  })
})

describe('records of other programs', () => {
  it('are read as Java compresses them, with every codec', async () => {
    const topics = codecNames.map((codec) => ({ topic: `${settings.prefix}orders-${codec}`, codec }))
    await admin().createTopics({ topics: topics.map(({ topic }) => ({ topic, numPartitions: 1 })), waitForLeaders: true })
    const lines = Array.from({ length: 3_000 }, (_, i) => JSON.stringify({ number: i, name: 'Zoë', text: 'x'.repeat(i % 90) }))
    await produceByJava(broker(), topics, lines)
    const log = await openKafkaLog(settings)
    for (const { topic, codec } of topics) {
      expect(new Set(codecsOnDisk(broker(), topic))).toEqual(new Set([codec]))
      expect(await valuesOf(log, topic, lines.length)).toEqual(lines)
    }
  })
})

describe('records that cannot be decompressed', () => {
  it('are an error that names topic, partition and offset, and is not retried', async () => {
    const log = await openKafkaLog(settings)
    await append(log)
    const topic = `${settings.prefix}activity`
    await broker().stop()
    const [segment = ''] = segmentsOf(broker(), topic)
    const bytes = readFileSync(segment)
    // The end of the first batch is damaged, as by a disk; kafkajs does not check the checksum of a batch. Bytes 8 to 11 have the length of what follows.
    const batchEnd = 12 + bytes.readInt32BE(8)
    bytes.fill(0x5a, 100, batchEnd)
    writeFileSync(segment, bytes)
    await broker().start()
    const expected = {
      code: 'RONDO_DATA_CORRUPT',
      retriable: false,
      message: expect.stringMatching(/activity, partition 0 cannot be read from offset 0 on: .* zstd/),
    }
    await expect(framesOf(log)).rejects.toMatchObject(expected)
  })
})
