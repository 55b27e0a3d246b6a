import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '#runtime'
import { Broker } from '../../scripts/local/broker.ts'
import { RedisServer } from '../fixtures/redis/redis-server.ts'

/** The servers and the folder that trials share. */
export class TrialServers {
  readonly #home: TemporaryFolder
  readonly broker: Broker
  readonly redis: RedisServer

  private constructor(home: TemporaryFolder, broker: Broker, redis: RedisServer) {
    this.#home = home
    this.broker = broker
    this.redis = redis
  }

  /** @param secured whether they ask for TLS and logins, and check rights */
  static async start(secured: boolean): Promise<TrialServers> {
    const home = temporaryFolder()
    const [broker, redis] = await Promise.all([Broker.start(join(home.path, 'kafka'), { secured }), RedisServer.start({ secured })])
    return new TrialServers(home, broker, redis)
  }

  /** For files of the apps. */
  get folder(): string {
    return this.#home.path
  }

  /** What must be in no message of an app. */
  get secrets(): readonly string[] {
    return [...(this.broker.users?.secrets ?? []), ...(this.redis.users?.secrets ?? [])]
  }

  async end(): Promise<void> {
    await Promise.all([this.broker.kill(), this.redis.kill()])
    this.#home[Symbol.dispose]()
  }
}
