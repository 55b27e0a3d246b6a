import { describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { randomId } from '#runtime'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { describeAddedModel } from '../conformance/added-model.conformance.ts'
import { FeedMaker } from '../conformance/feed-maker.ts'
import { ListFeed } from '../conformance/list-feed.ts'
import { describeProjectionTarget } from '../conformance/projection-target.conformance.ts'
import { describeReadModels, type ReadModelsFixture } from '../conformance/read-models.conformance.ts'
import { describeRebuiltModels, type ReleasesFixture } from '../conformance/rebuilt-model.conformance.ts'
import type { ReadModel } from '../models/read-model.ts'
import type { RedisSettings } from './redis-client.ts'
import { openRedisProjections, type RedisProjections } from './redis-projections.ts'

const GENERATION = { name: '1', partitions: 1 }

// A cluster node refuses a command with keys of two slots, so these tests also show that the keys are safe in a cluster.
describe.each([
  { name: 'Redis', cluster: false, numRuns: 60 },
  { name: 'a Redis cluster', cluster: true, numRuns: 5 },
])('$name', ({ name, cluster, numRuns }) => {
  const server = redisForTests({ cluster: true })
  // Each fixture has its own keys. A server for each would need most of the time of the tests.
  const open = () => openRedisProjections({ url: server().url, cluster, prefix: randomId() })

  async function fixtureOf(partitions: number): Promise<ReadModelsFixture> {
    const projections = await open()
    const target = projections.target({ name: '1', partitions })
    const positions = new Map<number, number>()
    for (let partition = 0; partition < partitions; partition++) {
      await target.apply(partition, 0, { position: 0, outputs: [], logTime: Number.NEGATIVE_INFINITY })
    }
    return {
      models: projections.readModels,
      publish: async (partition, outputs, logTime) => {
        const base = positions.get(partition) ?? 0
        await target.apply(partition, base, { position: base + outputs.length, outputs, logTime })
        positions.set(partition, base + outputs.length)
      },
      dispose: async () => projections.close(),
    }
  }

  describeReadModels(name, fixtureOf, numRuns)
  describeProjectionTarget(
    name,
    async () => {
      const projections = await open()
      return { models: projections.readModels, target: projections.target({ name: '1', partitions: 1 }), dispose: async () => projections.close() }
    },
    numRuns,
  )

  describeAddedModel(
    name,
    async (models) => {
      const prefix = randomId()
      const projections = await openRedisProjections({ url: server().url, cluster, prefix }, models)
      const target = projections.target({ name: '1', partitions: 1 })
      let base = 0
      await target.apply(0, 0, { position: 0, outputs: [], logTime: 0 })
      return {
        models: projections.readModels,
        publish: async (outputs) => {
          expect(await target.apply(0, base, { position: base + outputs.length, outputs, logTime: 0 })).toBe('applied')
          base += outputs.length
        },
        kinds: async () => {
          const all = await hash(`${prefix}:{1.0}:output-kinds@1:kinds`)
          const ofTypes = await Promise.all(['user', 'use'].map((type) => hash(`${prefix}:{1.0}:output-kinds@1:kinds-of:${type}`)))
          expect(sum(ofTypes.flatMap(Object.values<number>))).toBe(sum(Object.values(all)))
          return all
        },
        dispose: async () => projections.close(),
      }
    },
    Math.ceil(numRuns / 6),
  )

  describeRebuiltModels(name, async () => new Releases(server().url, cluster), Math.ceil(numRuns / 2))

  async function hash(key: string): Promise<Record<string, number>> {
    const pairs = (await server().command('HGETALL', key)) as string[]
    return Object.fromEntries(Array.from({ length: pairs.length / 2 }, (_, i) => [pairs[2 * i], Number(pairs[2 * i + 1])]))
  }

  it('applies a batch of 3,000 outputs as a whole, and refuses a longer batch before it changes anything', async () => {
    const projections = await openRedisProjections({ url: server().url, cluster, prefix: randomId() })
    const target = projections.target({ name: '1', partitions: 1 })
    const [output] = new FeedMaker().next({ what: 'transition', actor: 0, stage: 'new', at: 0, kind: 'advance' }) as [Output]
    const outputs = Array.from({ length: 3001 }, (_, i): Output => ({ ...output, id: String(i).padStart(22, '0'), actor: { type: 'user', id: `u${i}` } }))
    await expect(target.apply(0, 0, { position: 3001, outputs, logTime: 0 })).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })
    expect(await target.position(0)).toBe(0)
    expect(await target.apply(0, 0, { position: 3000, outputs: outputs.slice(1), logTime: 0 })).toBe('applied')
    const { members } = await projections.readModels.actorsIn('new', { limit: 5000 })
    expect([members.length, (await projections.readModels.stageCounts()).total]).toEqual([3000, 3000])
    projections.close()
  })

  it('deletes a generation except one key for each partition, which shows that the generation was dropped', async () => {
    const prefix = randomId()
    const projections = await openRedisProjections({ url: server().url, cluster, prefix })
    const [old, next] = [
      { name: '1', partitions: 3 },
      { name: '10', partitions: 2 },
    ]
    for (const generation of [old, next]) {
      for (let partition = 0; partition < generation.partitions; partition++) {
        const outputs = new FeedMaker().next({ what: 'transition', actor: 0, stage: 'new', at: 0, kind: 'advance' })
        await projections.target(generation).apply(partition, 0, { position: 1, outputs, logTime: 1 })
      }
    }
    await projections.generations.switchTo(next)
    await projections.generations.drop(old)
    const left = async (name: string) => ((await server().command('KEYS', `${prefix}:{${name}.*`)) as string[]).sort()
    expect(await left('1')).toEqual([0, 1, 2].map((partition) => `${prefix}:{1.${partition}}:state`))
    // For each of the 2 partitions: the state, and a history, an effective list, stages, days and hours of the one actor.
    expect(await left('10')).toHaveLength(2 * 6)
    expect(await projections.target(old).apply(2, 1, { position: 1, outputs: [], logTime: 2 })).toBe('dropped')
    expect((await projections.readModels.stageCounts()).total).toBe(2)
    projections.close()
  })
})

/** A store for the processes of several releases, one after the other, with the same keys. */
class Releases implements ReleasesFixture {
  readonly #settings: RedisSettings
  readonly #feed = new ListFeed()
  #running: RedisProjections | undefined
  #base = 0

  constructor(url: string, cluster: boolean) {
    this.#settings = { url, cluster, prefix: randomId() }
  }

  get models(): RedisProjections['readModels'] {
    return this.#current.readModels
  }

  async start(models: readonly ReadModel[]): Promise<void> {
    await this.dispose()
    this.#running = await openRedisProjections(this.#settings, models)
    await this.#current.modelsOf(GENERATION).keepModels()
    await this.publish([])
  }

  async publish(outputs: readonly Output[]): Promise<void> {
    for (const output of outputs) this.#feed.add(output)
    const position = (await this.#feed.newest(1))[0]?.cursor ?? 0
    expect(await this.#current.target(GENERATION).apply(0, this.#base, { position, outputs, logTime: 0 })).toBe('applied')
    this.#base = position
  }

  async rebuilt(): Promise<void> {
    const models = this.#current.modelsOf(GENERATION)
    for (let next = await models.modelsBehind(); next?.[0] !== undefined; next = await models.modelsBehind()) await models.makePart(next[0], this.#feed)
    expect(await models.modelsBehind()).toEqual([])
    await models.deleteOldModels()
  }

  async dispose(): Promise<void> {
    this.#running?.close()
  }

  get #current(): RedisProjections {
    return this.#running as RedisProjections
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
