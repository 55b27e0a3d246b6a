import { describe } from '@jest/globals'
import { openKafkaLog } from '#event-log'
import { systemClock, temporaryFolder } from '#runtime'
import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { entriesOf, logOf, valuesOf } from '../../../../test/fixtures/broker/log-contents.ts'
import { describeIngest, type IngestFixture } from '../conformance/ingest.conformance.ts'
import { openBuffer } from './buffer-setting.ts'
import { KafkaIngestLog } from './kafka-ingest-log.ts'

const PARTITIONS = 3
const broker = brokerForTests()

describe.each([false, true])('with a buffer: %s', (isBuffered) => describeIngest('Kafka', () => ingestInto(isBuffered)))

async function ingestInto(isBuffered: boolean): Promise<IngestFixture> {
  const home = temporaryFolder()
  const settings = trialSettings(broker(), { partitions: PARTITIONS })
  const open = async () => {
    const kafka = await openKafkaLog(settings)
    const [writer, refusals, registry] = [kafka.writer(), kafka.refusalWriter(), kafka.writers()]
    const buffered = await openBuffer(kafka, {
      buffer: isBuffered ? home.path : '',
      bufferBytesMax: 1e6,
      prefix: settings.prefix ?? '',
      partitions: PARTITIONS,
    })
    const log = new KafkaIngestLog({ writer, refusals, buffered, clock: systemClock, onAlarm: (text) => process.stderr.write(`${text}\n`) })
    const close = async (): Promise<void> => {
      await Promise.all([writer.close(), refusals.close(), registry.close()])
      buffered?.buffer.close()
    }
    return { log, registry, close }
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
      home[Symbol.dispose]()
    },
  }
}
