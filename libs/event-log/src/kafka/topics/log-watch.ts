import type { Admin } from 'kafkajs'
import { missingText } from '../allowed/missing-rights.ts'
import type { RequiredRight } from '../allowed/right.ts'
import { lacks, TopicRights } from '../allowed/topic-rights.ts'
import { newKafka } from '../client/kafka-client.ts'
import { kafkaFailure } from '../client/kafka-failure.ts'
import { type KafkaSettings, retrySettings } from '../client/kafka-settings.ts'
import { allTopics, type TopicDeclaration, type TopicName, topicOf } from '../client/topics.ts'
import { differencesOf, presentAndMissing } from './topic-comparison.ts'

/**
 * Kinds of defects of a topic. `right-missing`: the user of this process may not do with it what it has to do. `records-lost`: it ends below an end that it had
 * before, so it was created again.
 */
export const defectReasons = ['topic-missing', 'topic-changed', 'right-missing', 'records-deleted', 'records-lost'] as const
export type DefectReason = (typeof defectReasons)[number]

/** A defect of a topic, as a sentence and in parts. */
export interface LogDefect {
  readonly reason: DefectReason
  readonly topic: TopicName
  /** The cycle that the topic belongs to; undefined if all share it. */
  readonly cycle?: string | undefined
  /** Undefined if the defect is in all partitions. */
  readonly partition?: number
  readonly text: string
}

/** The records of a partition that a process needs to continue. */
export interface RequiredRecords {
  readonly topic: TopicName
  /** The cycle that the topic belongs to; not needed if there is only one. */
  readonly cycle?: string | undefined
  readonly partition: number
  /** The first offset that must still exist. */
  readonly from: number
  /** The topic must not end below it. */
  readonly end: number
  /** The part of Rondo that needs the records, as the subject of a sentence: `a restore`. */
  readonly neededBy: string
}

/** The result of a poll. */
export interface LogStatus {
  readonly defects: readonly LogDefect[]
  /** The end of each partition of `activity`. */
  readonly activityEnds: readonly number[]
}

/** Checks that the topics exist, have the declared settings, still have the records from which processes continue, and that the user may use them. */
export class LogWatch {
  readonly #settings: KafkaSettings
  readonly #declared: readonly TopicDeclaration[]
  /** The highest end of each partition so far, by topic and partition. */
  readonly #highestEnds = new Map<string, number>()
  /** It is created when it is first needed, so it can be missing without having been deleted. */
  #hasSeenControl = false
  readonly #rights: TopicRights
  #admin: Promise<Admin> | undefined

  /** @param rights those that this process needs */
  constructor(settings: KafkaSettings, rights: readonly RequiredRight[] = []) {
    this.#settings = settings
    this.#declared = allTopics(settings)
    this.#rights = new TopicRights(settings, rights)
  }

  /** @throws RondoError RONDO_LOG_UNAVAILABLE */
  async poll(required: readonly RequiredRecords[]): Promise<LogStatus> {
    try {
      const admin = await this.#connected()
      const rights = await this.#rights.missing()
      const found = await presentAndMissing(admin, this.#declared)
      const present = found.present.filter(({ name }) => !lacks(rights, name, 'Describe'))
      const missing = found.missing.filter(({ topic, name }) => (topic !== 'control' || this.#hasSeenControl) && !lacks(rights, name, 'Describe'))
      this.#hasSeenControl ||= present.some(({ topic }) => topic === 'control')
      const defects = missing.map(({ name }) => this.#defect('topic-missing', name, `The topic ${name} is missing: it was deleted.`))
      defects.push(...rights.map((right) => this.#defect('right-missing', right.right.name, missingText(right))))
      defects.push(
        ...(await this.#changedTopics(
          admin,
          present.filter(({ name }) => !lacks(rights, name, 'DescribeConfigs')),
        )),
      )
      const bounds = new Map<string, TopicBounds>()
      for (const { name } of present)
        for (const bound of await admin.fetchTopicOffsets(name))
          bounds.set(keyOf(name, bound.partition), { name, partition: bound.partition, beginning: Number(bound.low), end: Number(bound.high) })
      defects.push(...this.#endsBelowEarlierEnd(bounds), ...required.flatMap((need) => this.#missingRequired(need, bounds)))
      // After a topic is gone, an admin client of kafkajs asks only for that topic, again and again.
      if (missing.length > 0) await this.close()
      const activity = topicOf(this.#settings, 'activity')
      const activityEnds = Array.from({ length: this.#settings.partitions }, (_, partition) => bounds.get(keyOf(activity, partition))?.end ?? 0)
      return { defects, activityEnds }
    } catch (failure) {
      await this.close()
      throw kafkaFailure('The topics cannot be checked', failure)
    }
  }

  async close(): Promise<void> {
    const admin = this.#admin
    this.#admin = undefined
    await this.#rights.close()
    await admin?.then((connected) => connected.disconnect()).catch(() => {})
  }

  async #connected(): Promise<Admin> {
    this.#admin ??= connect(this.#settings)
    return this.#admin
  }

  async #changedTopics(admin: Admin, present: readonly TopicDeclaration[]): Promise<LogDefect[]> {
    const differences = present.length === 0 ? [] : await differencesOf(admin, present)
    return differences.map((difference) => {
      const name = present.find((declaration) => difference.startsWith(`${declaration.name}: `))?.name ?? ''
      return this.#defect('topic-changed', name, `A topic is not kept as it was declared: ${difference}. A process that starts now is refused.`)
    })
  }

  #endsBelowEarlierEnd(bounds: ReadonlyMap<string, TopicBounds>): LogDefect[] {
    return [...bounds].flatMap(([key, { name, partition, end }]) => {
      const seen = this.#highestEnds.get(key) ?? 0
      this.#highestEnds.set(key, Math.max(seen, end))
      return end < seen ? [this.#defect('records-lost', name, lostText(name, { partition, end, seen }), partition)] : []
    })
  }

  #missingRequired({ topic, cycle, partition, from, end, neededBy }: RequiredRecords, bounds: ReadonlyMap<string, TopicBounds>): LogDefect[] {
    const { name = topicOf(this.#settings, topic) } = this.#declared.find((one) => one.topic === topic && (cycle === undefined || one.cycle === cycle)) ?? {}
    const found = bounds.get(keyOf(name, partition))
    if (found === undefined) return []
    if (found.end < end) return [this.#defect('records-lost', name, lostText(name, { partition, end: found.end, seen: end }), partition)]
    if (found.beginning <= from) return []
    const text = `The topic ${name} begins at offset ${found.beginning} in partition ${partition}, and ${neededBy} needs the records from ${from} on: they were deleted.`
    return [this.#defect('records-deleted', name, text, partition)]
  }

  #defect(reason: DefectReason, name: string, text: string, partition?: number): LogDefect {
    const { topic = 'activity', cycle } = this.#declared.find((declaration) => declaration.name === name) ?? {}
    return { reason, topic, ...(cycle !== undefined && { cycle }), text, ...(partition !== undefined && { partition }) }
  }
}

/** Where one partition of a topic begins and ends. */
interface TopicBounds {
  readonly name: string
  readonly partition: number
  readonly beginning: number
  readonly end: number
}

const keyOf = (name: string, partition: number): string => `${name} ${partition}`

function lostText(name: string, { partition, end, seen }: { partition: number; end: number; seen: number }): string {
  return `The topic ${name} ends at offset ${end} in partition ${partition}, where it had come to ${seen}: it was deleted and made again, or brokers have lost records.`
}

async function connect(settings: KafkaSettings): Promise<Admin> {
  // Fewer retries than other clients: the next poll comes soon, and reports the failure.
  const admin = newKafka(settings, { ...retrySettings, retries: 30 }).admin()
  await admin.connect()
  return admin
}
