import { openKafkaLog } from '#event-log'
import { systemClock } from '#runtime'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { entriesOf, logOf, valuesOf } from '../../../../test/fixtures/broker/log-contents.ts'
import { describeIngest } from '../conformance/ingest.conformance.ts'
import { KafkaIngestLog } from './kafka-ingest-log.ts'

const PARTITIONS = 3
const broker = brokerForTests()

describeIngest('Kafka', async () => {
  const settings = trialSettings(broker(), { partitions: PARTITIONS })
  const open = async () => {
    const kafka = await openKafkaLog(settings)
    const [writer, refusals, registry] = [kafka.writer(), kafka.refusals(), kafka.writers()]
    const log = new KafkaIngestLog({ writer, refusals, clock: systemClock, onAlarm: (text) => process.stderr.write(`${text}\n`) })
    return { log, registry, close: () => Promise.all([writer.close(), refusals.close(), registry.close()]) }
  }
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)
  let current = await open()
  return {
    get log() {
      return current.log
    },
    get registry() {
      return current.registry
    },
    entries: () => Promise.all(partitions.map(async (partition) => entriesOf((await logOf(settings, partition)).map(({ frame }) => frame)))),
    async refused() {
      const values = await Promise.all(partitions.map((partition) => valuesOf(settings, 'quarantine', partition)))
      return values.flat().map((value) => JSON.parse(value))
    },
    async restart() {
      await current.close()
      current = await open()
    },
    async dispose() {
      await current.close()
    },
  }
})
