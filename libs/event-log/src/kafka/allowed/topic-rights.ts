import { type Cluster, newCluster } from '../client/kafka-client.ts'
import type { KafkaSettings } from '../client/kafka-settings.ts'
import { type MissingRight, missingOnTopics } from './missing-rights.ts'
import type { RequiredRight, RightOperation } from './right.ts'

/** Asks brokers again and again which rights on topics this user lacks. Without TLS and a login nothing is asked, as brokers do not know who asks. */
export class TopicRights {
  readonly #settings: KafkaSettings
  readonly #rights: readonly RequiredRight[]
  #cluster: Promise<Cluster> | undefined

  /** @param rights those of an app; the ones on groups and transactions are left out */
  constructor(settings: KafkaSettings, rights: readonly RequiredRight[]) {
    this.#settings = settings
    this.#rights = rights
  }

  /** @throws what kafkajs throws */
  async missing(): Promise<MissingRight[]> {
    if (this.#settings.security === undefined) return []
    this.#cluster ??= connected(this.#settings)
    return missingOnTopics(await this.#cluster, this.#rights)
  }

  async close(): Promise<void> {
    const cluster = this.#cluster
    this.#cluster = undefined
    await cluster?.then((one) => one.disconnect()).catch(() => {})
  }
}

async function connected(settings: KafkaSettings): Promise<Cluster> {
  const cluster = newCluster(settings)
  await cluster.connect()
  return cluster
}

/** The topics of these names that this user may not see: for the brokers' list of topics they look as if they were missing. @throws what kafkajs throws */
export async function hiddenTopics(settings: KafkaSettings, names: readonly string[]): Promise<MissingRight[]> {
  const see: Pick<RequiredRight, 'operations' | 'purpose'> = { operations: ['Describe'], purpose: 'see whether it exists' }
  const rights = new TopicRights(
    settings,
    names.map((name) => ({ resource: 'Topic', name, isPrefix: false, ...see })),
  )
  try {
    return await rights.missing()
  } finally {
    await rights.close()
  }
}

/** Whether an operation on a topic is among those that are missing. */
export function lacks(missing: readonly MissingRight[], topic: string, operation: RightOperation): boolean {
  return missing.some(({ right, operations }) => right.name === topic && operations.includes(operation))
}
