import { instantOf, type Output, RondoError } from '#contracts'
import type { ReadModel } from '../models/read-model.ts'
import type { BatchOutcome, FeedBatch, ProjectionTarget } from '../projection-target.ts'
import type { Generations } from './generations.ts'
import { actorText, type Generation, instantText, PartitionKeys } from './model-keys.ts'
import { Numbering } from './numbering.ts'
import { type RedisClient, redisFailure } from './redis-client.ts'

/** One command of the script takes up to two arguments for each output, and Lua can pass 8,000. A batch of a projector has a sixth of this limit. */
const OUTPUTS_MAX = 3000

/** Feeds one generation of the read models in Redis: a batch is one call of a script on the node of the partition. */
export class RedisTarget implements ProjectionTarget {
  readonly #redis: RedisClient
  readonly #generations: Generations
  readonly #generation: Generation
  readonly #models: readonly ReadModel[]

  /** @param models the same models from which the client's script was made */
  constructor(redis: RedisClient, generations: Generations, generation: Generation, models: readonly ReadModel[]) {
    this.#redis = redis
    this.#generations = generations
    this.#generation = generation
    this.#models = models
  }

  async position(partition: number): Promise<number> {
    try {
      return Number((await this.#redis.hget(this.#keys(partition).state, 'position')) ?? 0)
    } catch (cause) {
      throw redisFailure('The position of the read models cannot be read', cause)
    }
  }

  async apply(partition: number, base: number, batch: FeedBatch): Promise<BatchOutcome> {
    try {
      if (batch.outputs.length > OUTPUTS_MAX) throw tooLongError(batch)
      // At every first batch, since Redis may have lost everything: readers must find the generation that is filled again.
      if (base === 0) await this.#generations.beginWith(this.#generation)
      const { keys, args } = new ScriptArguments(this.#keys(partition), this.#models).forBatch(base, batch)
      const [outcome, ...rest] = await this.#redis.rondoApply(keys.length, ...keys, ...args)
      if (outcome === 'applied' || outcome === 'dropped') return outcome
      if (outcome === 'elsewhere') return { position: Number(rest[0]) }
      throw refusedError(partition, rest)
    } catch (cause) {
      throw redisFailure('A batch was not applied to the read models', cause)
    }
  }

  #keys(partition: number): PartitionKeys {
    return new PartitionKeys(this.#generations.prefix, this.#generation.name, partition)
  }
}

function tooLongError({ outputs }: FeedBatch): RondoError {
  return new RondoError('RONDO_ARGUMENT_INVALID', `A batch of ${outputs.length} outputs is too long: apply at most ${OUTPUTS_MAX} at once.`)
}

function refusedError(partition: number, [output, reason]: string[]): RondoError {
  const what = `In partition ${partition} the output ${output} ${reason}, so the feed does not continue from the read models`
  return new RondoError('RONDO_MODELS_MISMATCH', `${what}. Rebuild them from the feed's beginning; if this comes again, report it.`)
}

/** The keys and arguments of the script. Each actor and each key is written once; outputs refer to it by its number. */
class ScriptArguments {
  readonly #at: PartitionKeys
  readonly #models: readonly ReadModel[]
  readonly #ofOutput
  readonly #actors = new Numbering()
  readonly #ownKeys = new Numbering()

  constructor(at: PartitionKeys, models: readonly ReadModel[]) {
    this.#at = at
    this.#models = models
    this.#ofOutput = models.flatMap((model) => (model.redis.ofOutput === undefined ? [] : [{ of: model.redis.ofOutput.of, names: at.keyNamesOf(model) }]))
  }

  /** The keys and arguments of one batch. */
  forBatch(base: number, { position, outputs, logTime }: FeedBatch): { keys: string[]; args: string[] } {
    const at = this.#at
    const fields = outputs.flatMap((output) => this.#fieldsOf(output))
    const logTimeText = logTime === undefined || logTime === Number.NEGATIVE_INFINITY ? '' : String(logTime)
    const actors = this.#actors.values
    return {
      keys: [
        at.state,
        ...this.#models.flatMap((model) => model.redis.keysIn(at.keyNamesOf(model))),
        ...actors.flatMap((actor) => [at.history(actor), at.effective(actor)]),
        ...this.#ownKeys.values,
      ],
      args: [String(base), String(position), logTime === undefined ? 'no' : 'yes', logTimeText, String(actors.length), ...actors, ...fields],
    }
  }

  #fieldsOf(output: Output): string[] {
    const { seq, id, kind, from, to, retracts = '' } = output
    const actor = this.#actors.numberOf(actorText(output.actor))
    const fields = [String(actor), String(seq), id, kind, from, to, instantText(instantOf(output.at)), retracts, JSON.stringify(output)]
    for (const { of, names } of this.#ofOutput) {
      const [key, ...args] = of(output, names)
      fields.push(String(this.#ownKeys.numberOf(key)), ...args)
    }
    return fields
  }
}
