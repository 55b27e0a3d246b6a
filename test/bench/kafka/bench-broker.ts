import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs'
import { type KafkaSettings, openKafkaLog } from '#event-log'
import { randomId, temporaryFolder } from '#runtime'
import { newCluster } from '../../../libs/event-log/src/kafka/client/kafka-client.ts'
import { PartitionLog } from '../../../libs/event-log/src/kafka/log/partition-log.ts'
import { Broker } from '../../../scripts/local/broker.ts'

/** The settings of the broker: as in production, but with less memory. */
const IN_EARNEST = { java: ['-Xms1g', '-Xmx1g'], niceness: 0 }
/** The time from the deletion of a topic until its files are marked for deletion. */
const BROKER_CATCHES_UP_MS = 300
const OUTPUTS = ['transitions', 'late', 'checkpoints']

/** The broker that all cases use, with the work on its topics between the turns. */
export class BenchBroker {
  readonly broker: Broker
  readonly folder: string
  readonly admin: Admin
  readonly producer: Producer
  readonly #home: ReturnType<typeof temporaryFolder>

  private constructor(home: ReturnType<typeof temporaryFolder>, broker: Broker) {
    this.#home = home
    this.folder = home.path
    this.broker = broker
    // Deletes the folder also if the run is interrupted, after the shutdown of the broker.
    process.once('exit', () => home[Symbol.dispose]())
    const kafka = new Kafka({ clientId: 'bench', brokers: [broker.address], logLevel: logLevel.NOTHING })
    this.admin = kafka.admin()
    this.producer = kafka.producer()
  }

  /** Starts a broker in a new folder. */
  static async start(): Promise<BenchBroker> {
    const home = temporaryFolder()
    const bench = new BenchBroker(home, await Broker.start(join(home.path, 'kafka'), { running: IN_EARNEST, secured: false }))
    await bench.admin.connect()
    await bench.producer.connect()
    return bench
  }

  /** Stops the broker and deletes its folder. */
  async stop(): Promise<void> {
    await Promise.all([this.admin.disconnect(), this.producer.disconnect()])
    await this.broker.kill()
    this.#home[Symbol.dispose]()
  }

  /** A message for the person who waits for the table. */
  report(what: string): void {
    process.stderr.write(`${(performance.now() / 1000).toFixed(0)} s: ${what}\n`)
  }

  /** Settings of Rondo's log, whose topics begin with `prefix`. */
  settings(prefix: string, partitions = 1): KafkaSettings {
    return { brokers: [this.broker.address], prefix: `${prefix}.`, group: randomId(), partitions, replication: 1, identity: { cycle: 'presence' } }
  }

  async createTopic(topic: string): Promise<void> {
    const configEntries = [{ name: 'retention.ms', value: '-1' }]
    await this.admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries }], waitForLeaders: true })
  }

  async deleteTopics(isMeant: (topic: string) => boolean): Promise<void> {
    const topics = (await this.admin.listTopics()).filter(isMeant)
    if (topics.length === 0) return
    await this.admin.deleteTopics({ topics })
    while ((await this.admin.listTopics()).some((topic) => topics.includes(topic))) await sleep(20)
  }

  /** Prepares the same events for the next processor: deletes the results of the previous one. */
  async forgetOutputs(settings: KafkaSettings): Promise<void> {
    await this.deleteTopics((topic) => OUTPUTS.some((name) => topic === `${settings.prefix}${name}`))
    await openKafkaLog(settings)
    await sleep(BROKER_CATCHES_UP_MS)
  }

  /** The bytes of all logs on the broker's disk, without logs that are marked for deletion. */
  logBytes(): number {
    const folder = join(this.broker.folder, 'data')
    const segments = globSync('*/*.log', { cwd: folder }).filter((segment) => !segment.split('/')[0]?.endsWith('-delete'))
    return segments.reduce((bytes, segment) => bytes + (statSync(join(folder, segment), { throwIfNoEntry: false })?.size ?? 0), 0)
  }

  /** All committed records of a topic with one partition. */
  async *records(topic: string): AsyncGenerator<string> {
    const cluster = newCluster(this.settings(''))
    for await (const { value } of new PartitionLog(cluster, topic, 0).allRecords()) if (value !== null) yield value.toString()
    await cluster.disconnect()
  }

  /** The end of all partitions. */
  async end(topic: string): Promise<number> {
    const partitions = await this.admin.fetchTopicOffsets(topic)
    return partitions.reduce((sum, { high }) => sum + Number(high), 0)
  }

  /** The committed offset of a group, over all partitions; 0 if there is none. */
  async committed(group: string, topic: string): Promise<number> {
    const [answer] = await this.admin.fetchOffsets({ groupId: group, topics: [topic] })
    return (answer?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
  }
}
