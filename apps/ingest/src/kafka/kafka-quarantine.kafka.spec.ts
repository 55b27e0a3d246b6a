import type { ActivityEvent } from '#contracts'
import { openKafkaAdminLog, openKafkaLog } from '#event-log'
import { systemClock } from '#runtime'
import { newKafka } from '../../../../libs/event-log/src/kafka/client/kafka-client.ts'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { entriesOf, logOf } from '../../../../test/fixtures/broker/log-contents.ts'
import { describeQuarantine } from '../conformance/quarantine.conformance.ts'

const PARTITIONS = 3
const broker = brokerForTests()

describeQuarantine('Kafka', async () => {
  const settings = trialSettings(broker(), { partitions: PARTITIONS })
  const kafka = await openKafkaLog(settings)
  const closers: (() => Promise<unknown>)[] = []
  return {
    async refuse(records) {
      const refusals = kafka.refusalWriter()
      await Promise.all(records.map((record, at) => refusals.append(at % PARTITIONS, [JSON.stringify(record)])))
      await refusals.close()
    },
    async open() {
      const [acts, settler] = [await openKafkaAdminLog(settings), kafka.settler(systemClock)]
      closers.push(
        () => acts.close(),
        () => settler.close(),
      )
      return { store: kafka.refusedStore(), acts, settler, clock: systemClock }
    },
    async entries() {
      const logs = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => logOf(settings, partition)))
      return logs.flatMap((records) => entriesOf(records.map(({ frame }) => frame)))
    },
    async dieWithin(event: ActivityEvent) {
      await openKafkaAdminLog(settings).then((acts) => acts.close())
      const producer = newKafka(settings).producer({ transactionalId: `${settings.prefix}quarantine/settlements`, idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      const transaction = await producer.transaction()
      await transaction.send({ topic: `${settings.prefix}activity`, acks: -1, messages: [{ partition: 0, value: JSON.stringify(event) }] })
      await producer.disconnect()
    },
    dispose: async () => void (await Promise.all(closers.map((close) => close()))),
  }
})
