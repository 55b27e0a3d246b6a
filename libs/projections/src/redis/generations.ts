import { RondoError } from '#contracts'
import { type Generation, keysOf } from './model-keys.ts'
import { type RedisClient, type RedisNode, redisFailure } from './redis-client.ts'

/** How many keys one step of the deletion looks at. Their memory is freed by a thread of Redis beside its work. */
const SCAN_KEYS = 1000

/**
 * Which generation of the read models is shown. A rebuild fills another one from the feed's beginning, while the current one answers and is
 * fed as before; then one command makes it the current one, and what nobody reads any more is deleted:
 * `projector.catchUp` for each partition → {@link Generations.switchTo} → {@link Generations.drop}. Where its name may have been dropped
 * before, as that of a definition to which one goes back, {@link Generations.revive} comes first.
 */
export class Generations {
  readonly prefix: string
  readonly #redis: RedisClient
  readonly #pointer: string
  readonly #holds: string

  constructor(redis: RedisClient, prefix: string) {
    this.prefix = prefix
    this.#redis = redis
    this.#pointer = `${prefix}:current`
    this.#holds = `${prefix}:holds`
  }

  /** The one that readers are shown; undefined before the first was fed. */
  async current(): Promise<Generation | undefined> {
    const text = await this.#redis.get(this.#pointer).catch(failing('The current generation of the read models cannot be read'))
    return text === null ? undefined : (JSON.parse(text) as Generation)
  }

  /** Shows this one from now on, to all readers at once. */
  async switchTo(generation: Generation): Promise<void> {
    await this.#redis.set(this.#pointer, JSON.stringify(checked(generation))).catch(failing('The read models were not switched'))
  }

  /** Makes it the current one if there is none. */
  async beginWith(generation: Generation): Promise<void> {
    await this.#redis.set(this.#pointer, JSON.stringify(checked(generation)), 'NX')
  }

  /**
   * Notes that this generation is fed by a projector, if it is the current one. Where none is current, because a node lost the key, this
   * one becomes it again.
   * @returns false where another is
   */
  async hold(generation: Generation): Promise<boolean> {
    const current = await this.current()
    if (current === undefined) await this.beginWith(generation).catch(failing('The current generation of the read models was not noted'))
    else if (current.name !== generation.name) return false
    await this.#redis.incr(this.#holds).catch(failing('That the read models are fed was not noted'))
    return true
  }

  /** How often somebody has said that the current generation is fed: a number that stands still when nobody feeds it any more. */
  async holds(): Promise<string> {
    return (await this.#redis.get(this.#holds).catch(failing('Whether the read models are fed cannot be read'))) ?? ''
  }

  /**
   * Ends a generation: its projectors get `dropped`, its keys are deleted in small portions. What is left of it is one small key for
   * each partition, by which a projector that was asleep all the while learns of it. May be repeated where it was broken off.
   * @throws RondoError RONDO_ARGUMENT_INVALID where it is the current one
   */
  async drop(generation: Generation): Promise<void> {
    if ((await this.current())?.name === generation.name) {
      throw new RondoError(
        'RONDO_ARGUMENT_INVALID',
        `Generation ${generation.name} of the read models is the current one. Switch to another before dropping it.`,
      )
    }
    try {
      for (const { state } of keysOf(this.prefix, checked(generation))) await this.#redis.multi().del(state).hset(state, 'dropped', '1').exec()
      await this.#unlinkAll(generation)
    } catch (cause) {
      throw redisFailure(`Generation ${generation.name} of the read models was not deleted entirely`, cause)
    }
  }

  /** Lets a generation be filled again that was dropped, from nothing; changes none that was not. */
  async revive(generation: Generation): Promise<void> {
    try {
      const states = keysOf(this.prefix, checked(generation)).map(({ state }) => state)
      const dropped = await Promise.all(states.map((state) => this.#redis.hexists(state, 'dropped')))
      if (!dropped.includes(1)) return
      await this.#unlinkAll(generation)
      for (const state of states) await this.#redis.hdel(state, 'dropped')
    } catch (cause) {
      throw redisFailure(`Generation ${generation.name} of the read models was not revived`, cause)
    }
  }

  async #unlinkAll(generation: Generation): Promise<void> {
    const states = keysOf(this.prefix, generation).map(({ state }) => state)
    const nodes = 'nodes' in this.#redis ? (this.#redis.nodes('master') as RedisNode[]) : [this.#redis]
    for (const node of nodes) {
      for await (const found of node.scanStream({ match: `${this.prefix}:{${generation.name}.*`, count: SCAN_KEYS })) {
        for (const state of states) await unlink(node, state, found as string[])
      }
    }
  }
}

/** Of the keys, those that lie beside this state: a call for each partition, since it may touch one slot only. */
async function unlink(node: RedisNode, state: string, found: readonly string[]): Promise<void> {
  const root = state.slice(0, -'state'.length)
  const keys = found.filter((key) => key.startsWith(root) && key !== state)
  if (keys.length > 0) await node.rondoUnlink(keys.length + 1, state, ...keys)
}

function checked(generation: Generation): Generation {
  if (/^[A-Za-z0-9_-]+$/.test(generation.name) && Number.isInteger(generation.partitions) && generation.partitions > 0) return generation
  throw new RondoError('RONDO_ARGUMENT_INVALID', `${JSON.stringify(generation)} is no generation: its name has letters, digits, "-" and "_".`)
}

function failing(what: string): (cause: unknown) => never {
  return (cause) => {
    throw redisFailure(what, cause)
  }
}
