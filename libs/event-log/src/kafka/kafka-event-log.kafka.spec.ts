import { brokerForTests, trialSettings } from '../../../../test/fixtures/broker/broker-for-tests.ts'
import { expelMembers } from '../../../../test/fixtures/broker/expel-members.ts'
import { describeEventLog } from '../conformance/event-log.conformance.ts'
import type { Feed } from '../event-log.ts'
import type { KafkaLogReader } from './assignment/kafka-log-reader.ts'
import { openKafkaLog } from './kafka-log.ts'
import { KafkaFeed } from './log/kafka-feed.ts'

const broker = brokerForTests()

describeEventLog('Kafka', async ({ partitions }) => {
  // Heartbeats are so far apart that an owner that was removed from the group does not learn of it before the end of the test.
  const settings = trialSettings(broker(), { partitions, times: { sessionMs: 60_000, heartbeatMs: 20_000 } })
  const open = async () => {
    const log = await openKafkaLog(settings)
    return { log, writer: log.writer(), feed: log.feed(0), readers: [] as KafkaLogReader[] }
  }
  let opened = await open()
  const close = async () => {
    await Promise.all([opened.writer.close(), opened.feed.close(), ...opened.readers.map((reader) => reader.close())])
  }
  return {
    get writer() {
      return opened.writer
    },
    get feed() {
      return afterTransactions(opened.feed)
    },
    reader() {
      const reader = opened.log.reader({ onError: (error) => process.stderr.write(`${error.message}\n`) })
      opened.readers.push(reader)
      return { own: async (ownership) => expelMembers(broker(), settings.group).then(() => reader.own(ownership)), close: () => reader.close() }
    },
    async restart() {
      await close()
      opened = await open()
    },
    dispose: close,
  }
})

/** A feed that is read when every transaction in it is decided, since a batch is visible some milliseconds after its commit. */
function afterTransactions(feed: KafkaFeed): Feed {
  return {
    read: (after, limit) => feed.caughtUp().then(() => feed.read(after, limit)),
    newest: (limit) => feed.caughtUp().then(() => feed.newest(limit)),
  }
}
