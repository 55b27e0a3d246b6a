import { isDeepStrictEqual } from 'node:util'
import { type Output, type Position, RondoError } from '#contracts'
import type { CompiledCycle } from '#cycle'
import type { CommitBatch, Feed, OwnedPartition } from '#event-log'
import { openCycleFolder, type openRedisProjections, SqliteReadModels } from '#projections'
import { pause } from '#runtime'
import type { AskBoth } from './compare-models.ts'

const PAGE = 1_000
/** How often one question is asked again while batches come between. */
const ATTEMPTS_MAX = 500
const PAUSE_MS = 5

/** What the read models are made of, and where. */
export interface FollowedModelsOptions {
  /** An empty folder. */
  readonly path: string
  readonly cycle: CompiledCycle
  /** The feed of each partition. */
  readonly feeds: readonly Pick<Feed, 'read'>[]
}

/** The read models of a feed, made again in a folder of their own, up to any place of each partition's feed. */
export class FollowedModels {
  readonly models: SqliteReadModels
  readonly #feeds: FollowedModelsOptions['feeds']
  readonly #at: number[]
  readonly #owned: OwnedPartition
  readonly #close: () => Promise<unknown>
  #position: Position | undefined
  /** Of several questions at once, one moves on at a time. */
  #moving: Promise<unknown> = Promise.resolve()

  private constructor(feeds: FollowedModelsOptions['feeds'], owned: OwnedPartition, models: SqliteReadModels, close: () => Promise<unknown>) {
    this.models = models
    this.#feeds = feeds
    this.#at = feeds.map(() => 0)
    this.#owned = owned
    this.#close = close
  }

  static async open({ path, cycle, feeds }: FollowedModelsOptions): Promise<FollowedModels> {
    const folder = openCycleFolder(path, cycle)
    const reader = folder.reader()
    const owned = await new Promise<OwnedPartition>((resolve, reject) => {
      reader.own({ assigned: resolve, revoked: () => undefined }).catch(reject)
    })
    const state = folder.stateReader()
    return new FollowedModels(feeds, owned, new SqliteReadModels(state), async () => {
      state.close()
      await reader.close()
      await folder.close()
    })
  }

  /** Moves on to a place of each partition's feed; a place that is behind changes nothing. */
  followTo(cursors: readonly number[], onProgress: (outputs: number) => Promise<void> = async () => undefined): Promise<void> {
    const moved = this.#moving.then(async () => {
      let outputs = 0
      for (const [partition, cursor] of cursors.entries()) {
        while ((this.#at[partition] as number) < cursor) {
          outputs += await this.#step(partition, cursor)
          await onProgress(outputs)
        }
      }
    })
    this.#moving = moved.catch(() => undefined)
    return moved
  }

  async close(): Promise<void> {
    await this.#close()
  }

  async #step(partition: number, cursor: number): Promise<number> {
    const page = (await (this.#feeds[partition] as Pick<Feed, 'read'>).read(this.#at[partition] as number, PAGE)).filter((record) => record.cursor <= cursor)
    if (page.length > 0) await this.#commit(page.map(({ output }) => JSON.parse(output) as Output))
    this.#at[partition] = page.at(-1)?.cursor ?? cursor
    return page.length
  }

  /** All partitions come into one feed: an actor is in one of them, so its outputs keep their order. */
  async #commit(outputs: readonly Output[]): Promise<void> {
    const position: Position = { offset: (this.#position?.offset ?? -1) + 1, index: 0, cursor: null }
    const nothing = { late: [], quarantine: [], checkpoints: [], names: [], partitionMetadata: '{}' }
    const times = { logTime: Number.NEGATIVE_INFINITY, dueAt: Number.POSITIVE_INFINITY }
    const batch: CommitBatch = { previousPosition: this.#position, position, outputs, ...times, ...nothing }
    await this.#owned.commit(batch)
    this.#position = position
  }
}

/** Where read models in Redis are in the feed of each partition. */
type PlacesOf = () => Promise<readonly number[]>

/**
 * Asks read models in Redis, which follow the feed meanwhile, and those that are made again from it. An answer that differs is asked for again until no batch
 * came between, and compared at its place of the feed.
 * @throws RondoError RONDO_MODELS_UNAVAILABLE if batches come between at each attempt
 */
export function askingAtOnePlace(
  redis: Pick<Awaited<ReturnType<typeof openRedisProjections>>, 'readModels'>,
  placesOf: PlacesOf,
  followed: FollowedModels,
): AskBoth {
  return async (question) => {
    const [stored, expected] = await Promise.all([question(redis.readModels), question(followed.models)])
    if (isDeepStrictEqual(stored, expected)) return { stored, expected }
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const before = await placesOf()
      const answer = await question(redis.readModels)
      if (isDeepStrictEqual(await placesOf(), before)) {
        await followed.followTo(before)
        return { stored: answer, expected: await question(followed.models) }
      }
      await pause(PAUSE_MS)
    }
    throw new RondoError('RONDO_MODELS_UNAVAILABLE', 'The read models in Redis change too fast to be compared. Verify them when fewer events come.')
  }
}
