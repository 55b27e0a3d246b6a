import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { RondoError } from '#contracts'
import { randomId } from '#runtime'
import { eventuallyPasses } from '../../../../test/fixtures/eventually.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { TamperingProxy } from '../../../../test/fixtures/redis/tampering-proxy.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { FeedMaker } from '../conformance/feed-maker.ts'
import { ListFeed } from '../conformance/list-feed.ts'
import type { ProjectionTarget } from '../projection-target.ts'
import { Projector, type ProjectorOptions } from '../projector.ts'
import { openRedisProjections, type RedisProjections } from './redis-projections.ts'

describe('a projector into Redis', () => {
  const server = redisForTests()
  const first = { name: '1', partitions: 1 }
  let prefix: string
  let projections: RedisProjections
  let feed: ListFeed
  let failures: RondoError[]
  let stop: AbortController
  const onRetry = (failure: RondoError) => failures.push(failure)
  const open = (port = server().port) => openRedisProjections({ url: `redis://127.0.0.1:${port}`, cluster: false, prefix, timeoutMs: 1000 })

  beforeEach(async () => {
    prefix = randomId()
    projections = await open()
    feed = new ListFeed()
    feed.grow(1)
    failures = []
    stop = new AbortController()
  })
  afterEach(() => {
    stop.abort()
    projections.close()
  })

  function projector(target: ProjectionTarget = projections.target(first), parts: Partial<ProjectorOptions> = {}): Projector {
    return new Projector({ partition: 0, feed, target, freshness: async () => 7, onRetry, limit: 20, pauseMs: 5, retryMs: 20, ...parts })
  }

  const expectFollowed = () => eventuallyPasses(() => expectModels(projections.readModels, feed.maker.feed))

  it('applies the feed, follows it, and stops at its signal', async () => {
    const running = projector().run(stop.signal)
    await expectFollowed()
    feed.grow(2)
    await expectFollowed()
    expect((await projections.readModels.stageCounts()).asOf).toBe(7)
    stop.abort()
    expect(await running).toBe('stopped')
    expect(failures).toEqual([])
  })

  it('sets no log time before it has reached the end of the feed', async () => {
    const target = projections.target(first)
    const seen: (number | undefined)[] = []
    const watched: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: (partition, base, batch) => {
        seen.push(batch.logTime)
        return target.apply(partition, base, batch)
      },
    }
    expect(await projector(watched).catchUp(stop.signal)).toBe('caught-up')
    expect(seen.length).toBeGreaterThan(3)
    expect(new Set(seen.slice(0, -1))).toEqual(new Set([undefined]))
    expect(seen.at(-1)).toBe(7)
  })

  it('applies a batch once if its answer was lost with the connection', async () => {
    const proxy = await TamperingProxy.to(server().port)
    const cut = await open(proxy.port)
    const target = cut.target(first)
    await target.position(0)
    let batches = 0
    const cutting: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: async (partition, base, batch) => {
        if (base > 0 && batches++ < 4) proxy.cutNextAnswer()
        return target.apply(partition, base, batch)
      },
    }
    await projector(cutting).catchUp(stop.signal)
    expect(proxy.cuts).toBe(4)
    await expectModels(projections.readModels, feed.maker.feed)
    cut.close()
    proxy.close()
  })

  it('may be paused, and may work on a partition together with another projector', async () => {
    const target = projections.target(first)
    const paused = Promise.withResolvers<void>()
    const resumed = Promise.withResolvers<void>()
    let batches = 0
    const sleepy: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: async (partition, base, batch) => {
        if (batches++ === 2) {
          paused.resolve()
          await resumed.promise
        }
        return target.apply(partition, base, batch)
      },
    }
    const zombie = projector(sleepy).run(stop.signal)
    await paused.promise
    const successor = projector().run(stop.signal)
    await expectFollowed()
    resumed.resolve()
    feed.grow(3)
    await expectFollowed()
    stop.abort()
    expect([await zombie, await successor]).toEqual(['stopped', 'stopped'])
    expect(failures).toEqual([])
  })

  it('fills Redis again after it was emptied', async () => {
    const running = projector().run(stop.signal)
    await expectFollowed()
    await server().command('FLUSHALL')
    await expectFollowed()
    feed.grow(4)
    await expectFollowed()
    stop.abort()
    await running
  })

  it('reports that Redis is down, tries again, and fills the Redis that is started then', async () => {
    const running = projector().run(stop.signal)
    await expectFollowed()
    await server().kill()
    feed.grow(5)
    await eventuallyPasses(async () => expect(failures.length).toBeGreaterThan(1))
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['RONDO_MODELS_UNAVAILABLE']))
    await expect(projections.readModels.stageCounts()).rejects.toMatchObject({ code: 'RONDO_MODELS_UNAVAILABLE', retriable: true })
    await server().start()
    await expectFollowed()
    stop.abort()
    expect(await running).toBe('stopped')
  })

  it('stops at its signal also while Redis is down', async () => {
    const nowhere = await open(1)
    const running = projector(nowhere.target(first), { retryMs: 60_000 }).run(stop.signal)
    await eventuallyPasses(async () => expect(failures).toHaveLength(1))
    stop.abort()
    expect(await running).toBe('stopped')
    nowhere.close()
  })

  it('changes nothing while Redis is out of memory, and continues when Redis has memory again', async () => {
    const used = Number(/used_memory:(\d+)/.exec(String(await server().command('INFO', 'memory')))?.[1])
    await server().command('CONFIG', 'SET', 'maxmemory', String(Math.floor(used / 2)))
    const running = projector().run(stop.signal)
    await eventuallyPasses(async () => expect(failures.length).toBeGreaterThan(0))
    expect(failures[0]?.message).toContain('OOM')
    expect(await projections.target(first).position(0)).toBe(0)
    await server().command('CONFIG', 'SET', 'maxmemory', '0')
    await expectFollowed()
    stop.abort()
    await running
  })

  it('ends if the feed does not continue from the read models', async () => {
    await projector().catchUp(stop.signal)
    const strange = new FeedMaker().next({ what: 'transition', actor: 0, stage: 'new', at: 0, kind: 'advance' })
    for (const output of strange) feed.add({ ...output, seq: 1000 })
    await expect(projector().run(stop.signal)).rejects.toMatchObject({ code: 'RONDO_MODELS_MISMATCH' })
    await expectModels(projections.readModels, feed.maker.feed)
  })

  it('fills a new generation while the old one answers; after the switch the old one is deleted, and its projector ends', async () => {
    const second = { name: '2', partitions: 1 }
    const { generations, readModels } = projections
    const running = projector().run(stop.signal)
    await expectFollowed()
    const before = [...feed.maker.feed]
    const rebuilding = projector(projections.target(second), { limit: 7 })
    expect(await rebuilding.catchUp(stop.signal)).toBe('caught-up')
    expect(await generations.current()).toEqual(first)
    await expectModels(readModels, before)
    await expect(generations.drop(first)).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })

    await generations.switchTo(second)
    await expectModels(readModels, before)
    await generations.drop(first)
    expect(await running).toBe('dropped')
    const left = (await server().command('KEYS', `${prefix}:{1.*`)) as string[]
    expect(left).toEqual([`${prefix}:{1.0}:state`])
    expect(await projections.target(first).apply(0, 0, { position: 0, outputs: [], logTime: 8 })).toBe('dropped')

    const going = rebuilding.run(stop.signal)
    feed.grow(6)
    await expectFollowed()
    stop.abort()
    expect(await going).toBe('stopped')
  })

  it('gives no answer from a generation that is deleted during the question', async () => {
    const second = { name: '2', partitions: 1 }
    for (const generation of [first, second]) await projector(projections.target(generation)).catchUp(stop.signal)
    const proxy = await TamperingProxy.to(server().port)
    const reader = await open(proxy.port)
    const expected = await reader.readModels.stageCounts()
    expect(expected.total).toBeGreaterThan(2)
    const held = proxy.holdNextAnswer()
    const asked = reader.readModels.stageCounts()
    const letPass = await held
    await projections.generations.switchTo(second)
    await projections.generations.drop(first)
    letPass()
    expect(await asked).toEqual(expected)
    reader.close()
    proxy.close()
  })

  it('fills a generation again after it was dropped and revived; an earlier, paused deletion deletes nothing of it', async () => {
    const second = { name: '2', partitions: 1 }
    for (const generation of [first, second]) await projector(projections.target(generation)).catchUp(stop.signal)
    await projections.generations.revive(second)
    expect(await projections.target(second).position(0)).toBeGreaterThan(0)
    await projections.generations.switchTo(second)

    const proxy = await TamperingProxy.to(server().port)
    const sleeper = await open(proxy.port)
    await sleeper.readModels.stageCounts()
    const pointer = proxy.holdNextAnswer()
    const dropping = sleeper.generations.drop(first)
    const passPointer = await pointer
    const marked = proxy.holdNextAnswer()
    passPointer()
    const passMark = await marked
    const scanned = proxy.holdNextAnswer()
    passMark()
    const passScan = await scanned
    expect(await projections.target(first).apply(0, 0, { position: 0, outputs: [], logTime: 8 })).toBe('dropped')
    await projections.generations.revive(first)
    expect(await projections.target(first).position(0)).toBe(0)
    expect(await projector().catchUp(stop.signal)).toBe('caught-up')
    passScan()
    await dropping
    await projections.generations.switchTo(first)
    await expectModels(projections.readModels, feed.maker.feed)
    sleeper.close()
    proxy.close()
  })

  it.each(['', 'a{b}', 'a*'])('refuses %j as the prefix of keys', async (bad) => {
    await expect(openRedisProjections({ url: server().url, cluster: false, prefix: bad })).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })
  })

  it.each([
    { name: 'a}b', partitions: 1 },
    { name: '1', partitions: 0 },
  ])('refuses the generation %j', async (generation) => {
    await expect(projections.generations.switchTo(generation)).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })
    await expect(projections.target(generation).apply(0, 0, { position: 0, outputs: [], logTime: 0 })).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })
  })
})
