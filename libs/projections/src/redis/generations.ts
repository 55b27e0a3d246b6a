import { RondoError } from '#contracts'
import { type Generation, keysOf } from './model-keys.ts'
import { type RedisClient, redisFailure } from './redis-client.ts'
import { unlinkAll } from './unlinking.ts'

/** The generation that readers see, and the turn of the process that showed it. */
interface CurrentGeneration extends Generation {
  readonly turn?: number
}

/**
 * Decides which generation of the read models is shown. A rebuild fills another generation from the feed's beginning, while the current one
 * answers and is fed as before. Then one command makes the new generation the current one, and the old one is deleted:
 * `projector.catchUp` for each partition → {@link Generations.switchTo} → {@link Generations.drop}. If a generation of the same name may have
 * been dropped before (an operator returns to an earlier definition), {@link Generations.revive} comes first.
 */
export class Generations {
  readonly prefix: string
  readonly #redis: RedisClient
  readonly #currentKey: string
  readonly #feedReportsKey: string
  readonly #turnsKey: string

  constructor(redis: RedisClient, prefix: string) {
    this.prefix = prefix
    this.#redis = redis
    this.#currentKey = `${prefix}:current`
    this.#feedReportsKey = `${prefix}:holds`
    this.#turnsKey = `${prefix}:turns`
  }

  /** The generation that readers see; undefined before the first was fed. */
  async current(): Promise<CurrentGeneration | undefined> {
    const text = await this.#redis.get(this.#currentKey).catch(rethrowWith('The current generation of the read models cannot be read'))
    return text === null ? undefined : (JSON.parse(text) as CurrentGeneration)
  }

  /** A number that is larger than all earlier turns, and larger than the turn of the current generation. */
  async takeTurn(): Promise<number> {
    try {
      const [taken, shown] = [await this.#redis.incr(this.#turnsKey), await this.#redis.get(this.#currentKey)]
      const { turn = 0 } = shown === null ? {} : (JSON.parse(shown) as CurrentGeneration)
      if (turn < taken) return taken
      // The node with the counter has lost its newest value; the node with the current generation has not.
      await this.#redis.set(this.#turnsKey, turn + 1)
      return turn + 1
    } catch (cause) {
      throw redisFailure('The turn of this process among those that feed read models cannot be stored', cause)
    }
  }

  /**
   * Shows this generation from now on, to all readers at once.
   * @param turn from {@link takeTurn}, before the generation was filled
   * @returns false if a generation with a later turn is shown, which then stays the current one
   */
  async switchTo(generation: Generation, turn?: number): Promise<boolean> {
    const shown = JSON.stringify({ ...validGeneration(generation), ...(turn === undefined ? {} : { turn }) })
    const switched = await this.#redis.rondoSwitch(1, this.#currentKey, shown, String(turn ?? '')).catch(rethrowWith('The read models were not switched'))
    return switched === 1
  }

  /** Makes this generation the current one if there is none. */
  async beginWith(generation: Generation): Promise<void> {
    await this.#redis.set(this.#currentKey, JSON.stringify(validGeneration(generation)), 'NX')
  }

  /**
   * Reports that a projector feeds this generation, if it is the current one. If there is no current generation, because a node has lost the
   * key, this one becomes the current one again.
   * @returns false if another generation is the current one
   */
  async reportFed(generation: Generation): Promise<boolean> {
    const current = await this.current()
    if (current === undefined) await this.beginWith(generation).catch(rethrowWith('The name of the current generation of the read models was not stored'))
    else if (current.name !== generation.name) return false
    await this.#redis.incr(this.#feedReportsKey).catch(rethrowWith('The report that the read models are fed was not stored'))
    return true
  }

  /** How often projectors have reported that they feed the current generation. The number stops growing when no projector feeds it. */
  async feedReports(): Promise<string> {
    return (await this.#redis.get(this.#feedReportsKey).catch(rethrowWith('The reports that the read models are fed cannot be read'))) ?? ''
  }

  /**
   * Ends a generation: its projectors get `dropped`, and its keys are deleted in small portions. One small key stays for each partition: it
   * shows the end to a projector that was paused meanwhile. May be repeated after an interruption.
   * @throws RondoError RONDO_ARGUMENT_INVALID if the generation is the current one
   */
  async drop(generation: Generation): Promise<void> {
    if ((await this.current())?.name === generation.name) {
      throw new RondoError(
        'RONDO_ARGUMENT_INVALID',
        `Generation ${generation.name} of the read models is the current one. Switch to another before dropping it.`,
      )
    }
    try {
      for (const { state } of keysOf(this.prefix, validGeneration(generation))) await this.#redis.multi().del(state).hset(state, 'dropped', '1').exec()
      await this.#unlinkAll(generation)
    } catch (cause) {
      throw redisFailure(`Generation ${generation.name} of the read models was not deleted entirely`, cause)
    }
  }

  /** Allows a dropped generation to be filled again from the feed's beginning. Does nothing to other generations. */
  async revive(generation: Generation): Promise<void> {
    try {
      const states = keysOf(this.prefix, validGeneration(generation)).map(({ state }) => state)
      const dropped = await Promise.all(states.map((state) => this.#redis.hexists(state, 'dropped')))
      if (!dropped.includes(1)) return
      await this.#unlinkAll(generation)
      for (const state of states) await this.#redis.hdel(state, 'dropped')
    } catch (cause) {
      throw redisFailure(`Generation ${generation.name} of the read models was not revived`, cause)
    }
  }

  async #unlinkAll(generation: Generation): Promise<void> {
    await unlinkAll(this.#redis, { prefix: this.prefix, generation, while: ['dropped', '1'], isSelected: () => true })
  }
}

function validGeneration(generation: Generation): Generation {
  if (/^[A-Za-z0-9_-]+$/.test(generation.name) && Number.isInteger(generation.partitions) && generation.partitions > 0) return generation
  throw new RondoError('RONDO_ARGUMENT_INVALID', `${JSON.stringify(generation)} is no generation: its name has letters, digits, "-" and "_".`)
}

function rethrowWith(what: string): (cause: unknown) => never {
  return (cause) => {
    throw redisFailure(what, cause)
  }
}
