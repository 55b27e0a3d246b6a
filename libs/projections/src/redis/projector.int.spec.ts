import { describe, expect, it } from '@jest/globals'
import { eventuallyPasses } from '../../../../test/fixtures/eventually.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { TamperingProxy } from '../../../../test/fixtures/redis/tampering-proxy.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { FeedMaker } from '../conformance/feed-maker.ts'
import { firstGeneration, redisFixtureForTests } from '../conformance/redis-fixture.ts'
import type { ProjectionTarget } from '../projection-target.ts'
import { openRedisProjections } from './redis-projections.ts'

describe('a projector into Redis', () => {
  const server = redisForTests()
  const fixture = redisFixtureForTests(server)

  it('applies the feed, follows it, and stops at its signal', async () => {
    const running = fixture().projector().run(fixture().stop.signal)
    await fixture().expectCaughtUp()
    fixture().feed.grow(2)
    await fixture().expectCaughtUp()
    expect((await fixture().projections.readModels.stageCounts()).asOf).toBe(7)
    fixture().stop.abort()
    expect(await running).toBe('stopped')
    expect(fixture().failures).toEqual([])
  })

  it('sets no log time before it has reached the end of the feed', async () => {
    const target = fixture().projections.target(firstGeneration)
    const seen: (number | undefined)[] = []
    const watched: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: (partition, base, batch) => {
        seen.push(batch.logTime)
        return target.apply(partition, base, batch)
      },
    }
    expect(await fixture().projector(watched).catchUp(fixture().stop.signal)).toBe('caught-up')
    expect(seen.length).toBeGreaterThan(3)
    expect(new Set(seen.slice(0, -1))).toEqual(new Set([undefined]))
    expect(seen.at(-1)).toBe(7)
  })

  it('applies a batch once if its answer was lost with the connection', async () => {
    const proxy = await TamperingProxy.to(server().port)
    const cut = await fixture().connect(proxy.port)
    const target = cut.target(firstGeneration)
    await target.position(0)
    let batches = 0
    const cutting: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: async (partition, base, batch) => {
        if (base > 0 && batches++ < 4) proxy.cutNextAnswer()
        return target.apply(partition, base, batch)
      },
    }
    await fixture().projector(cutting).catchUp(fixture().stop.signal)
    expect(proxy.cuts).toBe(4)
    await expectModels(fixture().projections.readModels, fixture().feed.published)
    cut.close()
    proxy.close()
  })

  it('may be paused, and may work on a partition together with another projector', async () => {
    const target = fixture().projections.target(firstGeneration)
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
    const zombie = fixture().projector(sleepy).run(fixture().stop.signal)
    await paused.promise
    const successor = fixture().projector().run(fixture().stop.signal)
    await fixture().expectCaughtUp()
    resumed.resolve()
    fixture().feed.grow(3)
    await fixture().expectCaughtUp()
    fixture().stop.abort()
    expect([await zombie, await successor]).toEqual(['stopped', 'stopped'])
    expect(fixture().failures).toEqual([])
  })

  it('fills Redis again after it was emptied', async () => {
    const running = fixture().projector().run(fixture().stop.signal)
    await fixture().expectCaughtUp()
    await server().command('FLUSHALL')
    await fixture().expectCaughtUp()
    fixture().feed.grow(4)
    await fixture().expectCaughtUp()
    fixture().stop.abort()
    await running
  })

  it('reports that Redis is down, tries again, and fills the Redis that is started then', async () => {
    const running = fixture().projector().run(fixture().stop.signal)
    await fixture().expectCaughtUp()
    await server().kill()
    fixture().feed.grow(5)
    await eventuallyPasses(async () => expect(fixture().failures.length).toBeGreaterThan(1))
    expect(new Set(fixture().failures.map(({ code }) => code))).toEqual(new Set(['RONDO_MODELS_UNAVAILABLE']))
    await expect(fixture().projections.readModels.stageCounts()).rejects.toMatchObject({ code: 'RONDO_MODELS_UNAVAILABLE', retriable: true })
    await server().start()
    await fixture().expectCaughtUp()
    fixture().stop.abort()
    expect(await running).toBe('stopped')
  })

  it('stops at its signal also while Redis is down', async () => {
    const nowhere = await fixture().connect(1)
    const running = fixture().projector(nowhere.target(firstGeneration), { retryMs: 60_000 }).run(fixture().stop.signal)
    await eventuallyPasses(async () => expect(fixture().failures).toHaveLength(1))
    fixture().stop.abort()
    expect(await running).toBe('stopped')
    nowhere.close()
  })

  it('changes nothing while Redis is out of memory, and continues when Redis has memory again', async () => {
    const used = Number(/used_memory:(\d+)/.exec(String(await server().command('INFO', 'memory')))?.[1])
    await server().command('CONFIG', 'SET', 'maxmemory', String(Math.floor(used / 2)))
    const running = fixture().projector().run(fixture().stop.signal)
    await eventuallyPasses(async () => expect(fixture().failures.length).toBeGreaterThan(0))
    expect(fixture().failures[0]?.message).toContain('OOM')
    expect(await fixture().projections.target(firstGeneration).position(0)).toBe(0)
    await server().command('CONFIG', 'SET', 'maxmemory', '0')
    await fixture().expectCaughtUp()
    fixture().stop.abort()
    await running
  })

  it('ends if the feed does not continue from the read models', async () => {
    await fixture().projector().catchUp(fixture().stop.signal)
    const strange = new FeedMaker().next({ what: 'transition', actor: 0, stage: 'new', at: 0, kind: 'advance' })
    for (const output of strange) fixture().feed.add({ ...output, seq: 1000 })
    await expect(fixture().projector().run(fixture().stop.signal)).rejects.toMatchObject({ code: 'RONDO_MODELS_MISMATCH' })
    await expectModels(fixture().projections.readModels, fixture().feed.published)
  })

  it('fills a new generation while the old one answers; after the switch the old one is deleted, and its projector ends', async () => {
    const second = { name: '2', partitions: 1 }
    const { generations, readModels } = fixture().projections
    const running = fixture().projector().run(fixture().stop.signal)
    await fixture().expectCaughtUp()
    const before = [...fixture().feed.published]
    const rebuilding = fixture().projector(fixture().projections.target(second), { limit: 7 })
    expect(await rebuilding.catchUp(fixture().stop.signal)).toBe('caught-up')
    expect(await generations.current()).toEqual(firstGeneration)
    await expectModels(readModels, before)
    await expect(generations.drop(firstGeneration)).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })

    await generations.switchTo(second)
    await expectModels(readModels, before)
    await generations.drop(firstGeneration)
    expect(await running).toBe('dropped')
    const left = (await server().command('KEYS', `${fixture().prefix}:{1.*`)) as string[]
    expect(left).toEqual([`${fixture().prefix}:{1.0}:state`])
    expect(await fixture().projections.target(firstGeneration).apply(0, 0, { position: 0, outputs: [], logTime: 8 })).toBe('dropped')

    const going = rebuilding.run(fixture().stop.signal)
    fixture().feed.grow(6)
    await fixture().expectCaughtUp()
    fixture().stop.abort()
    expect(await going).toBe('stopped')
  })

  it('gives no answer from a generation that is deleted during the question', async () => {
    const second = { name: '2', partitions: 1 }
    for (const generation of [firstGeneration, second]) await fixture().projector(fixture().projections.target(generation)).catchUp(fixture().stop.signal)
    const proxy = await TamperingProxy.to(server().port)
    const reader = await fixture().connect(proxy.port)
    const expected = await reader.readModels.stageCounts()
    expect(expected.total).toBeGreaterThan(2)
    const held = proxy.holdNextAnswer()
    const asked = reader.readModels.stageCounts()
    const letPass = await held
    await fixture().projections.generations.switchTo(second)
    await fixture().projections.generations.drop(firstGeneration)
    letPass()
    expect(await asked).toEqual(expected)
    reader.close()
    proxy.close()
  })

  it('fills a generation again after it was dropped and revived; an earlier, paused deletion deletes nothing of it', async () => {
    const second = { name: '2', partitions: 1 }
    for (const generation of [firstGeneration, second]) await fixture().projector(fixture().projections.target(generation)).catchUp(fixture().stop.signal)
    await fixture().projections.generations.revive(second)
    expect(await fixture().projections.target(second).position(0)).toBeGreaterThan(0)
    await fixture().projections.generations.switchTo(second)

    const proxy = await TamperingProxy.to(server().port)
    const sleeper = await fixture().connect(proxy.port)
    await sleeper.readModels.stageCounts()
    const pointer = proxy.holdNextAnswer()
    const dropping = sleeper.generations.drop(firstGeneration)
    const passPointer = await pointer
    const marked = proxy.holdNextAnswer()
    passPointer()
    const passMark = await marked
    const scanned = proxy.holdNextAnswer()
    passMark()
    const passScan = await scanned
    expect(await fixture().projections.target(firstGeneration).apply(0, 0, { position: 0, outputs: [], logTime: 8 })).toBe('dropped')
    await fixture().projections.generations.revive(firstGeneration)
    expect(await fixture().projections.target(firstGeneration).position(0)).toBe(0)
    expect(await fixture().projector().catchUp(fixture().stop.signal)).toBe('caught-up')
    passScan()
    await dropping
    await fixture().projections.generations.switchTo(firstGeneration)
    await expectModels(fixture().projections.readModels, fixture().feed.published)
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
    await expect(fixture().projections.generations.switchTo(generation)).rejects.toMatchObject({ code: 'RONDO_ARGUMENT_INVALID' })
    await expect(fixture().projections.target(generation).apply(0, 0, { position: 0, outputs: [], logTime: 0 })).rejects.toMatchObject({
      code: 'RONDO_ARGUMENT_INVALID',
    })
  })
})
