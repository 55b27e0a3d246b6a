import { createRequire } from 'node:module'
import { retry } from '#runtime'
import type { Cluster } from '../client/kafka-client.ts'
import { isOfType } from '../client/kafka-failure.ts'
import type { RightOperation } from './right.ts'

/** kafkajs' writer of requests. */
interface Encoder {
  writeArray(values: readonly string[]): Encoder
  writeBoolean(value: boolean): Encoder
}
/** kafkajs' reader of answers. */
interface Decoder {
  readInt16(): number
  readInt32(): number
  readString(): string
  readBoolean(): boolean
  readBytes(): Buffer | null
  readArray<T>(read: (decoder: Decoder) => T): T[]
}
/** A connected broker, as kafkajs has it below its public types. */
interface AskedBroker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>>
  readonly connectionPool: { send(request: object): Promise<unknown> }
  findGroupCoordinator(request: { readonly groupId: string; readonly coordinatorType: number }): Promise<{ readonly coordinator: { readonly nodeId: number } }>
  endTxn(request: object): Promise<unknown>
}
/** The parts of kafkajs' cluster that are used here. */
interface AskedCluster {
  readonly brokerPool: { findConnectedBroker(): Promise<AskedBroker> }
  findBroker(options: { readonly nodeId: number }): Promise<AskedBroker>
}

/** What a broker says of a topic: which operations this user may do; undefined if it does not say. */
export interface TopicAnswer {
  readonly name: string
  readonly isMissing: boolean
  readonly operations: ReadonlySet<RightOperation> | undefined
}

const load = createRequire(import.meta.url)
/** The requests in the versions from which brokers say what is allowed (Kafka 2.3), which kafkajs 2.2.4 does not know. */
const METADATA = { apiKey: 3, apiName: 'Metadata', apiVersion: 8 }
const DESCRIBE_GROUPS = { apiKey: 15, apiName: 'DescribeGroups', apiVersion: 3 }
const GROUP_COORDINATOR = 0
const TRANSACTION_COORDINATOR = 1
/** The numbers of errors of Kafka's protocol. */
const UNKNOWN_TOPIC = 3
const TOPIC_REFUSED = 29
const GROUP_REFUSED = 30
/** The bits of operations. */
const BITS: Readonly<Record<RightOperation, number>> = { Read: 3, Write: 4, Delete: 6, Describe: 8, DescribeConfigs: 10 }
/** A broker that does not say which operations are allowed. */
const NOT_SAID = -(2 ** 31)
/** A new cluster first makes the topics of its coordinators. */
const UNTIL_COORDINATED = { pauseMs: 200, attemptsMax: 50, retryOn: (failure: unknown) => isOfType(failure, 'GROUP_COORDINATOR_NOT_AVAILABLE') }
/** No producer has this id, so the request changes nothing. */
const NOBODY = { producerId: '-1', producerEpoch: 0 }

/** What this user may do with topics; undefined if the brokers are too old to say. It needs no right. */
export async function allowedOnTopics(cluster: Cluster, topics: readonly string[]): Promise<TopicAnswer[] | undefined> {
  const broker = await (cluster as unknown as AskedCluster).brokerPool.findConnectedBroker()
  if (!knows(broker, METADATA)) return undefined
  // No topic is created, and of the cluster nothing is asked.
  const encode = (encoder: Encoder): Encoder => encoder.writeArray(topics).writeBoolean(false).writeBoolean(false).writeBoolean(true)
  return ask(broker, METADATA, { encode, decode: topicsIn })
}

/** What this user may do with a consumer group; undefined if the brokers are too old to say. */
export async function allowedOnGroup(cluster: Cluster, groupId: string): Promise<ReadonlySet<RightOperation> | undefined> {
  try {
    const broker = await coordinatorOf(cluster, groupId, GROUP_COORDINATOR)
    if (!knows(broker, DESCRIBE_GROUPS)) return undefined
    const encode = (encoder: Encoder): Encoder => encoder.writeArray([groupId]).writeBoolean(true)
    return await ask(broker, DESCRIBE_GROUPS, { encode, decode: groupIn })
  } catch (failure) {
    if (isOfType(failure, 'GROUP_AUTHORIZATION_FAILED')) return new Set()
    throw failure
  }
}

/** Whether this user may use a transactional id. The end of a transaction of no producer is asked for: brokers check the right first, and change nothing. */
export async function maySettle(cluster: Cluster, transactionalId: string): Promise<boolean> {
  try {
    const broker = await coordinatorOf(cluster, transactionalId, TRANSACTION_COORDINATOR)
    await broker.endTxn({ transactionalId, ...NOBODY, transactionResult: false })
    return true
  } catch (failure) {
    return !isOfType(failure, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  }
}

async function coordinatorOf(cluster: Cluster, id: string, coordinatorType: number): Promise<AskedBroker> {
  const asked = cluster as unknown as AskedCluster
  const search = async () => (await asked.brokerPool.findConnectedBroker()).findGroupCoordinator({ groupId: id, coordinatorType })
  const { coordinator } = (await retry(search, UNTIL_COORDINATED)) as Awaited<ReturnType<typeof search>>
  return asked.findBroker({ nodeId: coordinator.nodeId })
}

/** A request in a version that kafkajs does not have. */
interface RawRequest<T> {
  readonly encode: (encoder: Encoder) => Encoder
  readonly decode: (decoder: Decoder) => T
}

function ask<T>(broker: AskedBroker, request: typeof METADATA, { encode, decode }: RawRequest<T>): Promise<T> {
  const [NewEncoder, NewDecoder] = [load('kafkajs/src/protocol/encoder'), load('kafkajs/src/protocol/decoder')] as [
    new () => Encoder,
    new (bytes: Buffer) => Decoder,
  ]
  const response = { decode: async (bytes: Buffer) => ({ answer: decode(new NewDecoder(bytes)) }), parse: async ({ answer }: { answer: T }) => answer }
  return broker.connectionPool.send({ request: { ...request, encode: async () => encode(new NewEncoder()) }, response }) as Promise<T>
}

const knows = ({ versions }: AskedBroker, { apiKey, apiVersion }: typeof METADATA): boolean => (versions[apiKey]?.maxVersion ?? 0) >= apiVersion

function topicsIn(decoder: Decoder): TopicAnswer[] {
  decoder.readInt32()
  decoder.readArray((broker) => [broker.readInt32(), broker.readString(), broker.readInt32(), broker.readString()])
  decoder.readString()
  decoder.readInt32()
  return decoder.readArray((topic) => {
    const [error, name] = [topic.readInt16(), topic.readString()]
    topic.readBoolean()
    topic.readArray((partition) => {
      partition.readInt16()
      for (let field = 0; field < 3; field++) partition.readInt32()
      for (let list = 0; list < 3; list++) partition.readArray((node) => node.readInt32())
    })
    return { name, isMissing: error === UNKNOWN_TOPIC, operations: operationsIn(topic.readInt32(), error === TOPIC_REFUSED) }
  })
}

function groupIn(decoder: Decoder): ReadonlySet<RightOperation> | undefined {
  decoder.readInt32()
  const [group] = decoder.readArray((each) => {
    const error = each.readInt16()
    for (let field = 0; field < 4; field++) each.readString()
    each.readArray((member) => {
      for (let field = 0; field < 3; field++) member.readString()
      for (let field = 0; field < 2; field++) member.readBytes()
    })
    return operationsIn(each.readInt32(), error === GROUP_REFUSED)
  })
  return group
}

function operationsIn(bits: number, isRefused: boolean): ReadonlySet<RightOperation> | undefined {
  if (isRefused) return new Set()
  if (bits === NOT_SAID) return undefined
  return new Set((Object.keys(BITS) as RightOperation[]).filter((operation) => (bits & (1 << BITS[operation])) !== 0))
}
