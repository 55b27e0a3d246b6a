import type { Message, Producer } from 'kafkajs'
import { type Clock, faultPoint, monotonic } from '#runtime'
import { packFrames } from '../../activity/frames.ts'
import { type Addresses, PartitionedLines } from '../../activity/partitioned-lines.ts'
import type { Settlement, Settler, Settling } from '../../refused-store.ts'
import { FRAMES_COMPRESSION } from '../client/compression-codecs.ts'
import { type Cluster, newCluster } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { connectFencing, newProducer } from '../client/producers.ts'
import { controlTopic, topicOf } from '../client/topics.ts'
import { PartitionLog } from '../log/partition-log.ts'

/** What a process leaves open that is killed hides later records of `activity` from the folds for this time at most. */
const TRANSACTION_MS = 10_000
/** The size of one request of a transaction. */
const REQUEST_BYTES = 1_000_000

/**
 * Writes events into `activity` and acts into `control` in one transaction. The transactional id belongs to the log, not to a process: to begin with it ends the
 * open transaction of any process before, whose settlement is then durable or will never be, and that process can write no more with it.
 */
export class KafkaSettler implements Settler {
  readonly #settings: KafkaSettings
  readonly #clock: Clock
  readonly #cluster: Cluster
  readonly #acts: PartitionLog
  readonly #addresses: Addresses | undefined

  constructor(settings: KafkaSettings, clock: Clock, addresses?: Addresses) {
    this.#addresses = addresses
    this.#settings = settings
    this.#clock = monotonic(() => clock.now())
    this.#cluster = newCluster(settings)
    this.#acts = new PartitionLog(this.#cluster, controlTopic(settings).name, 0)
  }

  async settle({ refresh, decide }: Settling): Promise<void> {
    const producer = this.#producer()
    try {
      await connectFencing(producer)
      await refresh()
      const settlement = decide(this.#clock.now())
      if (settlement !== undefined) await this.#write(producer, settlement)
    } catch (failure) {
      throw kafkaFailure('Refused events cannot be settled', failure)
    } finally {
      await producer.disconnect().catch(() => {})
    }
  }

  async close(): Promise<void> {
    await this.#cluster.disconnect().catch(() => {})
  }

  async #write(producer: Producer, { events, acts }: Settlement): Promise<void> {
    const { partitions } = this.#settings
    const [activity, control] = [topicOf(this.#settings, 'activity'), controlTopic(this.#settings).name]
    const lines = new PartitionedLines(partitions, this.#addresses)
    for (const event of events) lines.addEvent(event, JSON.stringify(event))
    const frames = lines.drain().flatMap(([partition, of]) => packFrames(of).map((value): Message => ({ partition, key: null, value })))
    const transaction = await producer.transaction()
    for (const messages of requestsOf(frames)) await transaction.send({ topic: activity, acks: -1, compression: FRAMES_COMPRESSION, messages })
    faultPoint('settlement', 'enter')
    for (const messages of requestsOf(acts.map((act): Message => ({ partition: 0, value: JSON.stringify(act) })))) {
      await transaction.send({ topic: control, acks: -1, messages })
    }
    await transaction.commit()
    faultPoint('settlement', 'leave')
    // Until the broker has marked it, its acts are hidden.
    await this.#acts.untilDecided()
  }

  #producer(): Producer {
    return newProducer(this.#settings, {
      transactionalId: settlementsId(this.#settings),
      transactionTimeout: TRANSACTION_MS,
    })
  }
}

/** The transactional id of all settlements of a log. */
export function settlementsId(settings: KafkaSettings): string {
  return `${topicOf(settings, 'quarantine')}/settlements`
}

function* requestsOf(messages: readonly Message[]): Generator<Message[]> {
  let request: Message[] = []
  let bytes = 0
  for (const message of messages) {
    const size = Buffer.byteLength(message.value ?? '')
    if (request.length > 0 && bytes + size > REQUEST_BYTES) {
      yield request
      request = []
      bytes = 0
    }
    request.push(message)
    bytes += size
  }
  if (request.length > 0) yield request
}
