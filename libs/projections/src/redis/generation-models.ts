import { type Output, RondoError } from '#contracts'
import type { Feed } from '#event-log'
import type { ReadModel } from '../models/read-model.ts'
import { UNCLEARED } from './keeping-scripts.ts'
import { keptText, MODELS_BEFORE_VERSIONS } from './kept-models.ts'
import { type Generation, idOf, keysOf, type PartitionKeys } from './model-keys.ts'
import { rebuildArguments } from './rebuild-script.ts'
import { type RedisClient, redisFailure } from './redis-client.ts'
import { storedChanges } from './stored-changes.ts'
import { unlinkAll } from './unlinking.ts'

/** The number of outputs that a rebuild applies at once. */
const PART_OUTPUTS = 500
/** The beginning of the field with the position of a model that is behind. */
const POSITION_FIELD = 'position.'

/** A model whose position is before that of the histories of its partition. */
export interface ModelBehind {
  readonly model: ReadModel
  readonly partition: number
  /** The part of the feed from which it has been made. */
  readonly percent: number
}

/**
 * The models that a generation keeps. A model that is missing is made from the feed's beginning in parts. Each part is written together with
 * its position, while the histories and the other models continue. Several processes may do this at once.
 */
export class GenerationModels {
  readonly #redis: RedisClient
  readonly #prefix: string
  readonly #generation: Generation
  readonly #models: readonly ReadModel[]

  /** @param models the same models from which the client's scripts were made */
  constructor(redis: RedisClient, prefix: string, generation: Generation, models: readonly ReadModel[]) {
    this.#redis = redis
    this.#prefix = prefix
    this.#generation = generation
    this.#models = models
  }

  /**
   * Stores that these models are kept from now on: a process of a release with other models can change nothing any more.
   * @returns false if the generation has been dropped
   */
  async keepModels(): Promise<boolean> {
    const outcomes = this.#keys.map(({ state }) => this.#redis.rondoKeep(1, state, keptText(this.#models), ...this.#models.map(idOf)))
    const kept = await Promise.all(outcomes).catch(rethrowWith('The versions of the read models were not stored'))
    return !kept.includes('dropped')
  }

  /** The models that have to be rebuilt, after the deletion of their old keys; undefined if another release now keeps its models here. */
  async modelsBehind(): Promise<readonly ModelBehind[] | undefined> {
    try {
      let states = await this.#states()
      const uncleared = states.flatMap((state) => unclearedOf(state).filter((id) => this.#models.some((model) => idOf(model) === id)))
      if (uncleared.length > 0) {
        await this.#deleteKeysOf(uncleared)
        states = await this.#states()
      }
      if (states.some((state) => state['dropped'] !== undefined || !this.#isKeptHere(state))) return undefined
      return states.flatMap((state, partition) => this.#behindIn(state, partition))
    } catch (cause) {
      throw redisFailure('The list of the read models that must be rebuilt cannot be read', cause)
    }
  }

  /** Deletes the keys of models that are no longer kept: earlier versions, and models that are no longer listed. */
  async deleteOldModels(): Promise<void> {
    try {
      const uncleared = (await this.#states()).flatMap(unclearedOf)
      if (uncleared.length > 0) await this.#deleteKeysOf(uncleared)
    } catch (cause) {
      throw redisFailure('Read models that are no longer kept were not deleted entirely', cause)
    }
  }

  /**
   * Makes the next part of a model. When the model has reached the position of the histories, every batch updates it.
   * @param feed the feed of this partition
   */
  async makePart({ model, partition }: ModelBehind, feed: Pick<Feed, 'read'>): Promise<void> {
    const keys = this.#keys[partition] as PartitionKeys
    const id = idOf(model)
    try {
      const [base, end] = await this.#redis.hmget(keys.state, POSITION_FIELD + id, 'position')
      if (typeof base !== 'string' || base === UNCLEARED) return
      const records = (await feed.read(Number(base), PART_OUTPUTS)).filter(({ cursor }) => cursor <= Number(end))
      if (records.length === 0 && base !== end) throw feedEndsError(partition, base, end)
      const outputs = records.map(({ output }) => JSON.parse(output) as Output)
      const changes = await storedChanges(this.#redis, keys, outputs)
      const part = rebuildArguments(model, keys, { base, position: String(records.at(-1)?.cursor ?? base), changes })
      await this.#redis.rondoRebuild(part.keys.length, ...part.keys, ...part.args)
    } catch (cause) {
      throw redisFailure(`The rebuild of the read model ${model.name} did not continue`, cause)
    }
  }

  get #keys(): PartitionKeys[] {
    return keysOf(this.#prefix, this.#generation)
  }

  #states(): Promise<Record<string, string>[]> {
    return Promise.all(this.#keys.map(({ state }) => this.#redis.hgetall(state)))
  }

  /** Whether a partition keeps the models of this release. True also if nothing is stored: then the first batch of this release stores its models. */
  #isKeptHere({ models, position }: Record<string, string>): boolean {
    const kept = keptText(this.#models)
    return (models ?? (position === undefined ? kept : MODELS_BEFORE_VERSIONS)) === kept
  }

  #behindIn(state: Record<string, string>, partition: number): ModelBehind[] {
    const end = Number(state['position'] ?? 0)
    return this.#models.flatMap((model) => {
      const position = state[POSITION_FIELD + idOf(model)]
      return position === undefined ? [] : [{ model, partition, percent: end === 0 ? 0 : Math.floor((100 * Number(position)) / end) }]
    })
  }

  async #deleteKeysOf(ids: readonly string[]): Promise<void> {
    for (const id of new Set(ids)) {
      const isSelected = (key: string, keys: PartitionKeys): boolean => keys.modelOf(key) === id
      await unlinkAll(this.#redis, { prefix: this.#prefix, generation: this.#generation, while: [POSITION_FIELD + id, UNCLEARED], isSelected })
      for (const { state } of this.#keys) await this.#redis.rondoCleared(1, state, id)
    }
  }
}

/** The models whose old keys still have to be deleted. */
function unclearedOf(state: Record<string, string>): string[] {
  return Object.entries(state).flatMap(([field, value]) =>
    field.startsWith(POSITION_FIELD) && value === UNCLEARED ? [field.slice(POSITION_FIELD.length)] : [],
  )
}

function feedEndsError(partition: number, after: string, end: string | null | undefined): RondoError {
  const message = `The feed of partition ${partition} has no outputs after ${after}, and the histories were made from its outputs up to ${end}: it has lost outputs. Restore the topic of transitions, or rebuild under a new group.`
  return new RondoError('RONDO_LOG_INCOMPLETE', message, { retriable: true })
}

function rethrowWith(what: string): (cause: unknown) => never {
  return (cause) => {
    throw redisFailure(what, cause)
  }
}
