import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type Instant, RondoError } from '#contracts'
import type { FeedRecord } from '#event-log'
import { openRedisProjections, type RedisProjections } from '#projections'
import { randomId, SimulatedClock } from '#runtime'
import { FeedMaker } from '../../../libs/projections/src/conformance/feed-maker.ts'
import { redisForTests } from '../../../test/redis/trial.ts'
import { Projections, type ProjectionsOptions } from './projections.ts'

/** What stands for the processors: the feed of one partition, and the log time that they committed. */
class Processed {
  logTime: Instant = 1000
  #outage = Promise.resolve()
  #end = (): void => {}
  readonly #maker = new FeedMaker()
  readonly #records: FeedRecord[] = []
  readonly followed = { read: (after: number) => this.#read(after), close: async () => {} }

  add(actor: number): void {
    const outputs = this.#maker.next({ what: 'transition', actor, stage: 'new', at: 0, kind: 'advance' })
    for (const output of outputs) this.#records.push({ cursor: this.#records.length + 1, output: JSON.stringify(output) })
  }

  /** From now on nobody is answered who reads, until {@link answer}. */
  hang(): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#outage = promise
    this.#end = resolve
  }

  answer(): void {
    this.#end()
  }

  async newest(most: number): Promise<FeedRecord[]> {
    return this.#records.slice(-most)
  }

  async settled(): Promise<void> {}

  async logTimes(): Promise<Instant[]> {
    return [this.logTime]
  }

  async #read(after: number): Promise<FeedRecord[]> {
    await this.#outage
    return this.#records.slice(after)
  }
}

describe('the projections of a process of serving', () => {
  const server = redisForTests()
  let prefix: string
  let redis: RedisProjections
  let processed: Processed
  let clock: SimulatedClock
  let running: Projections[]
  let troubles: RondoError[]
  let failures: RondoError[]

  beforeEach(async () => {
    prefix = randomId()
    redis = await openRedisProjections({ url: server().url, cluster: false, prefix })
    processed = new Processed()
    processed.add(0)
    clock = new SimulatedClock(1_000_000)
    running = []
    troubles = []
    failures = []
  })
  afterEach(async () => {
    processed.answer()
    await Promise.all(running.map((projections) => projections.stop()))
    redis.close()
  })

  const folded = { cycle: 'c', version: 1, generation: 1 }

  function start(generation: string, parts: Partial<ProjectionsOptions> = {}): Projections {
    const projections = new Projections({
      redis,
      feeds: [processed],
      progress: processed,
      generation,
      folded,
      clock,
      onTrouble: (trouble) => troubles.push(trouble),
      onFailure: (failure) => failures.push(failure),
      ...parts,
    })
    running.push(projections)
    projections.start()
    return projections
  }

  async function until(check: () => boolean | Promise<boolean>, msMax = 10_000): Promise<void> {
    for (let waited = 0; !(await check()); waited += 20) {
      if (waited > msMax) throw new TypeError(`It does not come about: ${check}`)
      await sleep(20)
    }
  }
  const isReady = (projections: Projections) => () => projections.obstacle === undefined
  const shown = async () => (await redis.generations.current())?.name

  // It went on as ready and said nothing, while its process answered from the read models of the other.
  it('is not ready any more when another deployment has replaced its generation, and says so', async () => {
    const first = start('first')
    await until(isReady(first))
    const second = start('second')
    await until(isReady(second))
    await until(() => first.obstacle !== undefined)
    expect(first.obstacle).toBe('Redis shows the read models of another deployment.')
    expect(troubles.map(({ code }) => code)).toEqual(['RONDO_DATA_MISMATCH'])
    expect(troubles[0]?.message).toContain('RONDO_REDIS_PREFIX')
    // It does not take the place back while the other is there.
    await sleep(2000)
    expect(isReady(second)()).toBe(true)
    expect([await shown(), failures]).toEqual(['second', []])
  })

  it('builds its generation anew when nobody feeds the other any more', async () => {
    const first = start('first')
    await until(isReady(first))
    const second = start('second')
    await until(() => first.obstacle !== undefined)
    await until(isReady(second))
    await second.stop()
    processed.add(1)
    await until(isReady(first), 30_000)
    expect(await shown()).toBe('first')
    expect((await redis.readModels.stageCounts()).total).toBe(2)
  })

  it('is not ready where another generation is shown, though its own was not deleted', async () => {
    const first = start('first')
    await until(isReady(first))
    await redis.generations.switchTo({ name: 'other', partitions: 1 })
    await until(() => first.obstacle === 'Redis shows the read models of another deployment.')
  })

  it('deletes what was shown before also where it was broken off between the switch and that', async () => {
    const first = start('first')
    await until(isReady(first))
    await first.stop()
    const lost = new RondoError('RONDO_MODELS_UNAVAILABLE', 'The answer was lost.', { retriable: true })
    jest.spyOn(redis.generations, 'drop').mockRejectedValueOnce(lost)
    await until(isReady(start('second')))
    expect(troubles).toEqual([lost])
    expect(await server().command('KEYS', `${prefix}:{first.*`)).toEqual([`${prefix}:{first.0}:state`])
  })

  it('goes on for ten seconds without an answer, then is not ready until there is one', async () => {
    const projections = start('first')
    await until(isReady(projections))
    processed.hang()
    await sleep(300)
    clock.advanceBy(10_000)
    expect(projections.obstacle).toBeUndefined()
    clock.advanceBy(1)
    expect(projections.obstacle).toMatch(/10 s ago: Kafka or Redis does not answer/)
    processed.answer()
    await until(isReady(projections))
  })

  it('is not ready while Redis is away, and is again when it is back', async () => {
    const projections = start('first')
    await until(isReady(projections))
    await server().kill()
    await sleep(300)
    clock.advanceBy(10_001)
    expect(projections.obstacle).toMatch(/does not answer/)
    await server().start()
    await until(isReady(projections))
    expect(failures).toEqual([])
  })

  it('tells the log time that was applied, not the one that was looked up', async () => {
    const projections = start('first')
    await until(isReady(projections))
    expect(projections.logTimes).toEqual([1000])
    processed.hang()
    processed.logTime = 2000
    await sleep(1500)
    expect(projections.logTimes).toEqual([1000])
    processed.answer()
    await until(() => projections.logTimes[0] === 2000)
    expect((await redis.readModels.stageCounts()).asOf).toBe(2000)
  })

  it.each([{ cycle: 'd' }, { version: 2 }, { generation: 2 }])(
    'is refused by a feed of another definition, here not %j, and leaves what is shown',
    async (other) => {
      const first = start('first')
      await until(isReady(first))
      processed.logTime = Number.NEGATIVE_INFINITY
      const second = start('second', { folded: { ...folded, ...other } })
      await until(() => failures.length > 0)
      expect(failures[0]).toMatchObject({ code: 'RONDO_DATA_MISMATCH', message: expect.stringContaining('the cycle c, version 1, generation 1') })
      expect([await shown(), second.obstacle === undefined, first.obstacle]).toEqual(['first', false, undefined])
    },
  )

  it('is refused by the group before it shows or deletes anything', async () => {
    const first = start('first')
    await until(isReady(first))
    const { promise, reject } = Promise.withResolvers<Instant[]>()
    start('second', { progress: { logTimes: () => promise } })
    await sleep(1000)
    expect(await shown()).toBe('first')
    const foreign = new RondoError('RONDO_DATA_MISMATCH', 'It was folded by another definition.')
    reject(foreign)
    await until(() => failures.length > 0)
    expect([failures, await shown(), first.obstacle]).toEqual([[foreign], 'first', undefined])
  })

  it('goes on where the group has committed nothing and the feed is of the definition, with a word', async () => {
    processed.logTime = Number.NEGATIVE_INFINITY
    await until(isReady(start('first')))
    expect(troubles.map(({ message }) => message)).toEqual([expect.stringContaining('RONDO_GROUP')])
  })
})
