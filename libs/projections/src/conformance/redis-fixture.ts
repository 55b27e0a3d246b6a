import { afterEach, beforeEach } from '@jest/globals'
import type { RondoError } from '#contracts'
import { randomId } from '#runtime'
import { eventuallyPasses } from '../../../../test/fixtures/eventually.ts'
import type { RedisServer } from '../../../../test/fixtures/redis/redis-server.ts'
import type { ProjectionTarget } from '../projection-target.ts'
import { Projector, type ProjectorOptions } from '../projector.ts'
import { openRedisProjections, type RedisProjections } from '../redis/redis-projections.ts'
import { expectModels } from './expected-models.ts'
import { ListFeed } from './list-feed.ts'

/** The generation of read models that is built first, of a feed with one partition. */
export const firstGeneration = { name: '1', partitions: 1 }
/** The log time up to which the test feed is complete; any number is good. */
const LOG_TIME = 7

/** The fixture of a test of projectors into Redis: a feed, and read models with a prefix of their own in a real Redis. */
export class RedisFixture {
  readonly prefix = randomId()
  readonly feed = new ListFeed()
  /** What projectors reported before they tried again. */
  readonly failures: RondoError[] = []
  readonly stop = new AbortController()
  readonly #server: RedisServer
  #projections: RedisProjections | undefined

  private constructor(server: RedisServer) {
    this.#server = server
    this.feed.grow(1)
  }

  static async open(server: RedisServer): Promise<RedisFixture> {
    const fixture = new RedisFixture(server)
    fixture.#projections = await fixture.connect()
    return fixture
  }

  get projections(): RedisProjections {
    return this.#projections as RedisProjections
  }

  /** One more connection. The port may be that of a proxy. */
  connect(port = this.#server.port): Promise<RedisProjections> {
    return openRedisProjections({ url: `redis://127.0.0.1:${port}`, cluster: false, prefix: this.prefix, timeoutMs: 1000 })
  }

  readonly onRetry = (failure: RondoError): void => void this.failures.push(failure)

  projector(target: ProjectionTarget = this.projections.target(firstGeneration), parts: Partial<ProjectorOptions> = {}): Projector {
    const { feed, onRetry } = this
    return new Projector({ partition: 0, feed, target, freshness: async () => LOG_TIME, onRetry, limit: 20, pauseMs: 5, retryMs: 20, ...parts })
  }

  /** Resolves when the read models have applied the whole feed. */
  expectCaughtUp(): Promise<void> {
    return eventuallyPasses(() => expectModels(this.projections.readModels, this.feed.published))
  }

  close(): void {
    this.stop.abort()
    this.projections.close()
  }
}

/** Opens a fixture for each test of the block. @returns the one of the running test */
export function redisFixtureForTests(server: () => RedisServer): () => RedisFixture {
  let fixture: RedisFixture
  beforeEach(async () => {
    fixture = await RedisFixture.open(server())
  })
  afterEach(() => fixture.close())
  return () => fixture
}
