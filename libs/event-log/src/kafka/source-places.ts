import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { newKafka } from './kafka-client.ts'
import { kafkaFailure } from './kafka-failure.ts'
import type { KafkaSettings } from './kafka-settings.ts'

/** How far a topic of others was read into a log. */
export interface SourcePlace {
  readonly source: string
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
}

/**
 * The consumer group that keeps how far a source was read. It belongs to the log, not to the group of its processors: what was read stands in
 * the log, whoever folds it.
 */
export function sourceGroup(settings: KafkaSettings, source: string): string {
  return groupsBegin(settings) + source
}

const groupsBegin = ({ prefix = '' }: KafkaSettings): string => `${prefix}rondo.source.`

/** How far every source was read into a log, to go on from there in a copy of it. Nobody reads them meanwhile. */
export class SourcePlaces {
  readonly #settings: KafkaSettings
  readonly #admin: Admin

  constructor(settings: KafkaSettings) {
    this.#settings = settings
    this.#admin = newKafka(settings).admin()
  }

  /** @throws RondoError RONDO_LOG_UNAVAILABLE */
  read(): Promise<SourcePlace[]> {
    return this.#ask('How far the sources were read cannot be asked', async (admin) => {
      const begin = groupsBegin(this.#settings)
      const { groups } = await admin.listGroups()
      const places: SourcePlace[] = []
      for (const { groupId } of groups.filter((group) => group.groupId.startsWith(begin))) {
        for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
          const read = partitions.filter(({ offset }) => Number(offset) >= 0).map(({ partition, offset }) => ({ partition, offset }))
          if (read.length > 0) places.push({ source: groupId.slice(begin.length), topic, partitions: read })
        }
      }
      return places
    })
  }

  /** @throws RondoError RONDO_LOG_MISMATCH where somebody reads the source into this log already; RONDO_LOG_UNAVAILABLE */
  async write(places: readonly SourcePlace[]): Promise<void> {
    for (const { source, topic, partitions } of places) {
      const groupId = sourceGroup(this.#settings, source)
      await this.#ask(`How far the source ${source} was read cannot be noted`, async (admin) => {
        const { groups } = await admin.describeGroups([groupId])
        if (groups.some(({ members }) => members.length > 0)) throw busy(source, groupId)
        await admin.setOffsets({ groupId, topic, partitions: [...partitions] })
      })
    }
  }

  async #ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      await this.#admin.connect()
      return await question(this.#admin)
    } catch (failure) {
      throw kafkaFailure(what, failure)
    } finally {
      await this.#admin.disconnect().catch(() => {})
    }
  }
}

function busy(source: string, group: string): RondoError {
  const message = `Somebody reads the source ${source} as the group ${group} already. End every process that has the new prefix, and copy into another one.`
  return new RondoError('RONDO_LOG_MISMATCH', message)
}
