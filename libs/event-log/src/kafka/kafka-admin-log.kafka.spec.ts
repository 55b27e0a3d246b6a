import { expect, it } from '@jest/globals'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { adminLogConformance } from '../conformance/admin-log.conformance.ts'
import { newKafka } from './client/kafka-client.ts'
import { openKafkaAdminLog } from './kafka-admin-log.ts'
import { openKafkaLog } from './kafka-log.ts'

const broker = brokerForTests()

adminLogConformance('on Kafka', async () => {
  const settings = trialSettings(broker())
  return { open: () => openKafkaAdminLog(settings), dispose: async () => {} }
})

it('the topic of the acts is created in a deployment of an older release, which has all other topics', async () => {
  const settings = trialSettings(broker())
  await openKafkaLog(settings)
  const [one, other] = [await openKafkaAdminLog(settings), await openKafkaAdminLog(settings)]
  const act = { kind: 'key-ended', at: '2026-01-01T00:00:00.000Z', by: 'command', id: '000000000001', endsAt: '2026-01-01T00:00:00.000Z' } as const
  await one.append(act)
  expect(await other.read()).toEqual([act])
  await openKafkaLog(settings)
  await Promise.all([one.close(), other.close()])
})

it('an act of a later release is skipped and reported, while processes of two releases run', async () => {
  const settings = trialSettings(broker())
  const skipped: string[] = []
  const log = await openKafkaAdminLog(settings, (text) => void skipped.push(text))
  const producer = newKafka(settings).producer()
  await producer.connect()
  await producer.send({ topic: `${settings.prefix}control`, messages: [{ value: '{"kind":"tea-made","at":"2027-01-01T00:00:00.000Z","by":"command"}' }] })
  await producer.disconnect()
  expect([await log.read(), skipped]).toEqual([[], [expect.stringContaining('(tea-made). This release skips it')]])
  await log.close()
})

it('a record that is no act is an error, since skipping an act could make a revoked key valid', async () => {
  const settings = trialSettings(broker())
  const log = await openKafkaAdminLog(settings)
  const producer = newKafka(settings).producer()
  await producer.connect()
  await producer.send({ topic: `${settings.prefix}control`, messages: [{ value: '{"kind":"key-ended"}' }] })
  await producer.disconnect()
  await expect(log.read()).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT' })
  await log.close()
})
