import { instantOf, type Output, RondoError } from '#contracts'
import type { BatchOutcome, FeedBatch, ProjectionTarget } from '../projection-target.ts'
import type { Generations } from './generations.ts'
import { actorText, dayOf, type Generation, instantText, PartitionKeys } from './model-keys.ts'
import { type RedisClient, redisFailure } from './redis-client.ts'

const HOUR_MS = 3_600_000

/** Feeds one generation of the read models in Redis: a batch is one call of a script on the node that holds the partition. */
export class RedisTarget implements ProjectionTarget {
  readonly #redis: RedisClient
  readonly #generations: Generations
  readonly #generation: Generation

  constructor(redis: RedisClient, generations: Generations, generation: Generation) {
    this.#redis = redis
    this.#generations = generations
    this.#generation = generation
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
      // Also where Redis has lost everything in mid-work: what is filled again is found again.
      if (base === 0) await this.#generations.beginWith(this.#generation)
      const { keys, args } = scriptArguments(this.#keys(partition), base, batch)
      const [outcome, ...rest] = await this.#redis.rondoApply(keys.length, ...keys, ...args)
      if (outcome === 'applied' || outcome === 'dropped') return outcome
      if (outcome === 'elsewhere') return { position: Number(rest[0]) }
      throw refused(partition, rest)
    } catch (cause) {
      throw redisFailure('A batch was not applied to the read models', cause)
    }
  }

  #keys(partition: number): PartitionKeys {
    return new PartitionKeys(this.#generations.prefix, this.#generation.name, partition)
  }
}

function refused(partition: number, [output, reason]: string[]): RondoError {
  const what = `In partition ${partition} the output ${output} ${reason}, so the feed does not go on where the read models ended`
  return new RondoError('RONDO_MODELS_MISMATCH', `${what}. Rebuild them from the feed's beginning; if this comes again, report it.`)
}

/** Keys and arguments as the script takes them; each actor and each day is named once, and its outputs refer to it by its number. */
function scriptArguments(at: PartitionKeys, base: number, { position, outputs, logTime }: FeedBatch) {
  const actors = new Numbering<string>()
  const days = new Numbering<number>()
  const fields = outputs.flatMap((output) => outputFields(output, actors, days))
  const known = logTime === undefined || logTime === Number.NEGATIVE_INFINITY ? '' : String(logTime)
  return {
    keys: [
      at.state,
      at.stages,
      at.days,
      ...actors.values.flatMap((actor) => [at.history(actor), at.effective(actor)]),
      ...days.values.map((day) => at.hours(day)),
    ],
    args: [
      String(base),
      String(position),
      logTime === undefined ? 'no' : 'yes',
      known,
      String(actors.values.length),
      String(days.values.length),
      ...actors.values,
      ...days.values.map(String),
      ...fields,
    ],
  }
}

function outputFields(output: Output, actors: Numbering<string>, days: Numbering<number>): string[] {
  const { seq, id, kind, from, to, retracts = '' } = output
  const at = instantOf(output.at)
  const day = dayOf(at)
  const hour = String(Math.floor(at / HOUR_MS) - day * 24).padStart(2, '0')
  const actor = actors.of(actorText(output.actor))
  return [String(actor), String(seq), id, kind, from, to, instantText(at), String(days.of(day)), hour, retracts, JSON.stringify(output)]
}

/** Numbers different values from 1 in the order in which they come. */
class Numbering<T> {
  readonly #numbers = new Map<T, number>()

  get values(): T[] {
    return [...this.#numbers.keys()]
  }

  of(value: T): number {
    const number = this.#numbers.get(value) ?? this.#numbers.size + 1
    this.#numbers.set(value, number)
    return number
  }
}
