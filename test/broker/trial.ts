import { afterAll, beforeAll } from '@jest/globals'
import type { KafkaSettings } from '#event-log'
import { randomId, type TemporaryFolder, temporaryFolder } from '#runtime'
import { Broker } from '../../scripts/local/broker.ts'

/** A broker for the tests of one file, started before the first and killed after the last. */
export function brokerForTests(): () => Broker {
  let home: TemporaryFolder | undefined
  let broker: Broker | undefined
  beforeAll(async () => {
    home = temporaryFolder()
    broker = await Broker.start(home.path)
  }, 120_000)
  afterAll(async () => {
    await broker?.kill()
    home?.[Symbol.dispose]()
  })
  return () => broker as Broker
}

/** Settings with topics and a group that nobody else has. */
export function trialSettings(broker: Broker, parts: Partial<KafkaSettings> = {}): KafkaSettings {
  const id = randomId()
  return { brokers: [broker.address], prefix: `${id}.`, group: id, partitions: 1, replication: 1, identity: { cycle: 'listener' }, ...parts }
}
