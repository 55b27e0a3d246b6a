// A batch that cannot be decompressed. Without the check every app would be ready and accept events, but fold nothing and report nothing.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, it } from '@jest/globals'
import { type KafkaSettings, openKafkaLog } from '#event-log'
import { build } from '../../scripts/build.ts'
import { type AppName, AppProcess } from '../../scripts/local/app-process.ts'
import { ownBrokerForTests, trialSettings } from '../fixtures/broker/broker-for-tests.ts'
import { segmentsOf } from '../fixtures/broker/java-producer.ts'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/rondo-command.ts'

const broker = ownBrokerForTests()
/** The position of the low byte of the attributes in a record batch. Its three lowest bits are the codec of the batch. */
const ATTRIBUTES_OFFSET = 22
/** All three bits of the codec: no codec has this number. */
const UNKNOWN_CODEC = 0b111
const OPEN = '{"record":"writer.open","writer":"w","time":"2026-01-01T00:00:00.000Z"}'
let settings: KafkaSettings
beforeAll(() => build({ onlyIfStale: true }))
beforeEach(async () => {
  settings = trialSettings(broker())
  const log = await openKafkaLog(settings)
  const [writer, writers] = [log.writer(), log.writers()]
  await writer.append(0, [OPEN])
  await writers.heartbeat({ writer: 'source:orders/0', name: 'orders', time: 0, timeoutMs: 1e9 })
  await Promise.all([writer.close(), writers.close()])
  await broker().prepare(settings)
})

/** Gives the first batch of a topic an unknown codec, as a newer client could. Its checksum becomes wrong, but only brokers and Java clients check it. */
async function damage(topic: string): Promise<void> {
  await broker().stop()
  const [segment = ''] = segmentsOf(broker(), `${settings.prefix}${topic}`)
  const bytes = readFileSync(segment)
  bytes[ATTRIBUTES_OFFSET] = (bytes[ATTRIBUTES_OFFSET] as number) | UNKNOWN_CODEC
  writeFileSync(segment, bytes)
  await broker().start()
}

function launch(app: AppName): AppProcess {
  const { brokers, prefix = '', group } = settings
  return new AppProcess(app, {
    ...broker().loginOf(app),
    ...{ RONDO_BROKERS: brokers.join(','), RONDO_PREFIX: prefix, RONDO_GROUP: group, RONDO_PARTITIONS: '1', RONDO_REPLICATION: '1', RONDO_PORT: '0' },
    ...{ RONDO_DEFINITION: join(import.meta.dirname, 'pulse.yaml'), RONDO_SHORT_GRACE: 'yes' },
  })
}

async function repartitioned(): Promise<unknown[]> {
  const { brokers, prefix = '' } = settings
  const args = ['--prefix', prefix, '--partitions', '1', '--to-prefix', `g2-${prefix}`, '--to-partitions', '2', '--replication', '1']
  await broker().prepare({ ...settings, prefix: `g2-${prefix}`, partitions: 2 })
  const { code, stderr } = await rondo(['repartition', '--brokers', brokers.join(','), ...args], { env: broker().loginOf('commands') })
  return [code, stderr]
}
const saying = (topic: string) => expect.stringMatching(new RegExp(`${topic}, partition 0 cannot be read from offset 0 on: .* codec 7,`))

it('in activity is an alarm of a processor, which is not ready and still ends at SIGTERM; repartition refuses it', async () => {
  await damage('activity')
  expect(await repartitioned()).toEqual([1, saying('activity')])
  const processor = launch('processor')
  const output = async () => processor.output
  expect(await eventually(output, (text) => text.includes('codec 7'))).toEqual(saying('activity'))
  const answer = await fetch(`${processor.url}/v1/health/ready`)
  expect([answer.status, await processor.stop()]).toEqual([503, 0])
})

it('in writers ends an ingest process at its start; repartition refuses it', async () => {
  await damage('writers')
  expect(await repartitioned()).toEqual([1, saying('writers')])
  const ingest = launch('ingest')
  await once(ingest.child, 'close')
  expect([ingest.child.exitCode, ingest.output]).toEqual([1, saying('writers')])
})
