import { type Output, RondoError } from '#contracts'
import type { Feed } from '#event-log'
import type { ReadModel } from '../models/read-model.ts'
import { UNCLEARED } from './keeping-scripts.ts'
import { keptText, UNNOTED } from './kept-models.ts'
import { type Generation, idOf, keysOf, type PartitionKeys } from './model-keys.ts'
import { rebuildArguments } from './rebuild-script.ts'
import { type RedisClient, redisFailure } from './redis-client.ts'
import { storedChanges } from './stored-changes.ts'
import { unlinkAll } from './unlinking.ts'

/** How many outputs of a rebuild are applied at once. */
const PART_OUTPUTS = 500
const POSITION = 'position.'

/** A model that is not where the histories of its partition are. */
export interface ModelBehind {
  readonly model: ReadModel
  readonly partition: number
  /** How much of the feed it has been made from. */
  readonly percent: number
}

/**
 * Which models a generation keeps, and how those are made that it does not have yet: from the feed's beginning, part by part, each in one go
 * with the position that it leads to, while the histories and the other models go on. Any number of processes may do this at once.
 */
export class GenerationModels {
  readonly #redis: RedisClient
  readonly #prefix: string
  readonly #generation: Generation
  readonly #models: readonly ReadModel[]

  /** @param models those that the client's scripts were made of */
  constructor(redis: RedisClient, prefix: string, generation: Generation, models: readonly ReadModel[]) {
    this.#redis = redis
    this.#prefix = prefix
    this.#generation = generation
    this.#models = models
  }

  /**
   * From now on these models are kept: a process of a release with others changes nothing any more.
   * @returns false where the generation has been dropped
   */
  async keep(): Promise<boolean> {
    const outcomes = this.#keys.map(({ state }) => this.#redis.rondoKeep(1, state, keptText(this.#models), ...this.#models.map(idOf)))
    const kept = await Promise.all(outcomes).catch(failing('The versions of the read models were not noted'))
    return !kept.includes('dropped')
  }

  /** What is to be made; undefined where another release's models are kept by now. What has to be deleted before is deleted. */
  async behind(): Promise<readonly ModelBehind[] | undefined> {
    try {
      let states = await this.#states()
      const uncleared = states.flatMap((state) => unclearedOf(state).filter((id) => this.#models.some((model) => idOf(model) === id)))
      if (uncleared.length > 0) {
        await this.#clear(uncleared)
        states = await this.#states()
      }
      if (states.some((state) => state['dropped'] !== undefined || !this.#isOurs(state))) return undefined
      return states.flatMap((state, partition) => this.#behindIn(state, partition))
    } catch (cause) {
      throw redisFailure('It cannot be read which read models are to be rebuilt', cause)
    }
  }

  /** Deletes what is kept no more: versions before, and models that are no longer listed. */
  async clear(): Promise<void> {
    try {
      const uncleared = (await this.#states()).flatMap(unclearedOf)
      if (uncleared.length > 0) await this.#clear(uncleared)
    } catch (cause) {
      throw redisFailure('Read models that are kept no more were not deleted entirely', cause)
    }
  }

  /**
   * Makes the next part of a model. It is kept with every batch as soon as it has come to where the histories are.
   * @param feed of this partition
   */
  async makePart({ model, partition }: ModelBehind, feed: Pick<Feed, 'read'>): Promise<void> {
    const keys = this.#keys[partition] as PartitionKeys
    const id = idOf(model)
    try {
      const [base, end] = await this.#redis.hmget(keys.state, POSITION + id, 'position')
      if (typeof base !== 'string' || base === UNCLEARED) return
      const records = (await feed.read(Number(base), PART_OUTPUTS)).filter(({ cursor }) => cursor <= Number(end))
      if (records.length === 0 && base !== end) throw feedEnds(partition, base, end)
      const outputs = records.map(({ output }) => JSON.parse(output) as Output)
      const changes = await storedChanges(this.#redis, keys, outputs)
      const part = rebuildArguments(model, keys, { base, position: String(records.at(-1)?.cursor ?? base), changes })
      await this.#redis.rondoRebuild(part.keys.length, ...part.keys, ...part.args)
    } catch (cause) {
      throw redisFailure(`The read model ${model.name} was not made further`, cause)
    }
  }

  get #keys(): PartitionKeys[] {
    return keysOf(this.#prefix, this.#generation)
  }

  #states(): Promise<Record<string, string>[]> {
    return Promise.all(this.#keys.map(({ state }) => this.#redis.hgetall(state)))
  }

  /** Also where nothing is stored: the first batch makes it ours. */
  #isOurs({ models, position }: Record<string, string>): boolean {
    const ours = keptText(this.#models)
    return (models ?? (position === undefined ? ours : UNNOTED)) === ours
  }

  #behindIn(state: Record<string, string>, partition: number): ModelBehind[] {
    const end = Number(state['position'] ?? 0)
    return this.#models.flatMap((model) => {
      const position = state[POSITION + idOf(model)]
      return position === undefined ? [] : [{ model, partition, percent: end === 0 ? 0 : Math.floor((100 * Number(position)) / end) }]
    })
  }

  async #clear(ids: readonly string[]): Promise<void> {
    for (const id of new Set(ids)) {
      const isMeant = (key: string, keys: PartitionKeys): boolean => keys.modelOf(key) === id
      await unlinkAll(this.#redis, { prefix: this.#prefix, generation: this.#generation, while: [POSITION + id, UNCLEARED], isMeant })
      for (const { state } of this.#keys) await this.#redis.rondoCleared(1, state, id)
    }
  }
}

function unclearedOf(state: Record<string, string>): string[] {
  return Object.entries(state).flatMap(([field, value]) => (field.startsWith(POSITION) && value === UNCLEARED ? [field.slice(POSITION.length)] : []))
}

function feedEnds(partition: number, after: string, end: string | null | undefined): RondoError {
  const message = `The feed of partition ${partition} holds nothing behind ${after}, and the histories were made from it up to ${end}: it has lost outputs. Restore the topic of transitions, or rebuild under a new group.`
  return new RondoError('RONDO_LOG_INCOMPLETE', message, { retriable: true })
}

function failing(what: string): (cause: unknown) => never {
  return (cause) => {
    throw redisFailure(what, cause)
  }
}
