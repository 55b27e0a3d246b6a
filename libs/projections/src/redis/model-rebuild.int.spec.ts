import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import { randomId } from '#runtime'
import { redisContents } from '../../../../test/fixtures/redis/redis-contents.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { TamperingProxy } from '../../../../test/fixtures/redis/tampering-proxy.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { ListFeed } from '../conformance/list-feed.ts'
import { outputKinds } from '../conformance/output-kinds.ts'
import { raised } from '../conformance/rebuilt-model.conformance.ts'
import { readModels } from '../models/projection.ts'
import type { ReadModel } from '../models/read-model.ts'
import { Projector } from '../projector.ts'
import type { ReadModels } from '../read-models.ts'
import type { GenerationModels } from './generation-models.ts'
import { openRedisProjections, type RedisProjections } from './redis-projections.ts'

const GENERATION = { name: '1', partitions: 1 }
const isUnavailable = { code: 'RONDO_MODELS_UNAVAILABLE', retriable: true }

describe('a read model in Redis whose version has changed', () => {
  const server = redisForTests({ cluster: true })
  let prefix: string
  let feed: ListFeed
  let opened: RedisProjections[]
  let proxies: TamperingProxy[]

  beforeEach(() => {
    prefix = randomId()
    feed = new ListFeed()
    for (let seed = 1; seed <= 9; seed++) feed.grow(seed)
    opened = []
    proxies = []
  })
  afterEach(() => {
    for (const projections of opened) projections.close()
    for (const proxy of proxies) proxy.close()
  })

  /** A process of a release with these models. */
  async function start(models: readonly ReadModel[], { port = server().port, at = prefix } = {}): Promise<RedisProjections> {
    const projections = await openRedisProjections({ url: `redis://127.0.0.1:${port}`, cluster: false, prefix: at, timeoutMs: 5000 }, models)
    opened.push(projections)
    return projections
  }

  /** Applies the feed up to its present end. */
  function follow(projections: RedisProjections): Promise<string> {
    const onRetry = (failure: RondoError): never => {
      throw failure
    }
    const target = projections.target(GENERATION)
    return new Projector({ partition: 0, feed, target, freshness: async () => 7, onRetry, limit: 100 }).catchUp(new AbortController().signal)
  }

  async function makePart(models: GenerationModels): Promise<boolean> {
    const [next] = (await models.behind()) ?? []
    if (next !== undefined) await models.makePart(next, feed)
    return next !== undefined
  }

  async function rebuild(models: GenerationModels): Promise<void> {
    while (await makePart(models));
    await models.clear()
  }

  /** The contents without `filled` and without zeros: a stage has a count of 0 if actors were in it between two parts only. */
  const contents = (at: string) => redisContents(server().url, at, ([field, value]) => field !== 'filled' && value !== '0')

  /** Compares the contents with those of a Redis that this release alone has filled. */
  async function expectAsFromTheBeginning(models: readonly ReadModel[], projections: RedisProjections): Promise<void> {
    await expectModels(projections.readModels, feed.maker.feed)
    const at = randomId()
    await follow(await start(models, { at }))
    expect(await contents(prefix)).toEqual(await contents(at))
  }

  const ask: Readonly<Record<string, (models: ReadModels) => Promise<unknown>>> = {
    flows: (models) => models.transitionsPerHour({ from: 0, until: 1 }),
    'stage-counts': (models) => models.stageCounts(),
    'stage-members': (models) => models.actorsIn('new', { limit: 1 }),
  }

  it.each(Object.keys(ask))('is rebuilt alone (%s), together with outputs that arrive meanwhile; its earlier version is deleted', async (name) => {
    await follow(await start(readModels))
    expect(feed.maker.feed.length).toBeGreaterThan(1000)
    const next = await start(raised(name))
    const models = next.modelsOf(GENERATION)
    expect(await models.keep()).toBe(true)
    let parts = 0
    do {
      for (const [other, answer] of Object.entries(ask)) {
        if (other === name) await expect(answer(next.readModels)).rejects.toMatchObject(isUnavailable)
        else await answer(next.readModels)
      }
      const newest = feed.maker.feed.at(-1)
      expect(await next.readModels.history(newest?.actor ?? { type: '', id: '' }, { limit: 1 })).toHaveLength(1)
      if (parts < 3) feed.grow(20 + parts)
      expect(await follow(next)).toBe('caught-up')
      parts += 1
      await makePart(models)
    } while ((await models.behind())?.length !== 0)
    expect(parts).toBeGreaterThan(3)
    await models.clear()
    await expectAsFromTheBeginning(raised(name), next)
    feed.grow(30)
    await follow(next)
    await expectAsFromTheBeginning(raised(name), next)
  })

  it('reports the percentage of the feed from which it has been made', async () => {
    await follow(await start(readModels))
    const models = (await start(raised('flows'))).modelsOf(GENERATION)
    await models.keep()
    const seen: (number | undefined)[] = []
    do seen.push((await models.behind())?.[0]?.percent)
    while (await makePart(models))
    expect(seen.length).toBeGreaterThan(3)
    expect([seen[0], seen.at(-1)]).toEqual([0, undefined])
    expect(seen).toEqual([...new Set(seen)])
  })

  it('has version 1 in a Redis that was filled before versions were noted', async () => {
    await follow(await start(readModels))
    await server().command('HDEL', `${prefix}:{1.0}:state`, 'models')
    const same = await start(readModels)
    await same.modelsOf(GENERATION).keep()
    expect(await same.modelsOf(GENERATION).behind()).toEqual([])
    await expectModels(same.readModels, feed.maker.feed)
    await server().command('HDEL', `${prefix}:{1.0}:state`, 'models')
    const next = await start(raised('stage-counts'))
    await next.modelsOf(GENERATION).keep()
    expect((await next.modelsOf(GENERATION).behind())?.map(({ model }) => model.name)).toEqual(['stage-counts'])
    await rebuild(next.modelsOf(GENERATION))
    await expectAsFromTheBeginning(raised('stage-counts'), next)
  })

  it('is made if it is new in the list, and deleted if it is no longer listed', async () => {
    await follow(await start(readModels))
    const more = await start([...readModels, outputKinds])
    await more.modelsOf(GENERATION).keep()
    await rebuild(more.modelsOf(GENERATION))
    await expectAsFromTheBeginning([...readModels, outputKinds], more)
    const fewer = await start(readModels)
    await fewer.modelsOf(GENERATION).keep()
    await rebuild(fewer.modelsOf(GENERATION))
    await expectAsFromTheBeginning(readModels, fewer)
  })

  it('is made from the beginning if an earlier release returns in the middle of a rebuild', async () => {
    const old = await start(readModels)
    await follow(old)
    const next = await start(raised('flows', 'stage-counts'))
    await next.modelsOf(GENERATION).keep()
    await makePart(next.modelsOf(GENERATION))
    await old.modelsOf(GENERATION).keep()
    await makePart(old.modelsOf(GENERATION))
    feed.grow(20)
    await follow(old)
    await next.modelsOf(GENERATION).keep()
    await makePart(next.modelsOf(GENERATION))
    await old.modelsOf(GENERATION).keep()
    await rebuild(old.modelsOf(GENERATION))
    await expectAsFromTheBeginning(readModels, old)
  })

  it('counts an output once if the feed contains it twice', async () => {
    await follow(await start(readModels))
    const before = feed.maker.feed.length
    for (const output of feed.maker.feed.slice(300, 700)) feed.add(output)
    const next = await start(raised('flows', 'stage-counts', 'stage-members'))
    await next.modelsOf(GENERATION).keep()
    await follow(next)
    await rebuild(next.modelsOf(GENERATION))
    expect(feed.maker.feed).toHaveLength(before)
    await expectModels(next.readModels, feed.maker.feed)
  })

  it('is correct if two processes rebuild it at the same time', async () => {
    await follow(await start(readModels))
    const both = [await start(raised('flows', 'stage-members')), await start(raised('flows', 'stage-members'))]
    const models = both.map((projections) => projections.modelsOf(GENERATION))
    await Promise.all(models.map((each) => each.keep()))
    feed.grow(20)
    await Promise.all([...models.map(rebuild), ...both.map(follow)])
    await Promise.all(models.map(rebuild))
    await expectAsFromTheBeginning(raised('flows', 'stage-members'), both[0] as RedisProjections)
  })

  it('is correct at the end if its process is killed at any command', async () => {
    const models = raised('flows', 'stage-counts')
    let expected: Record<string, unknown> | undefined
    let kills = 0
    for (let answers = 0; ; answers++) {
      prefix = randomId()
      feed = new ListFeed()
      for (let seed = 1; seed <= 4; seed++) feed.grow(seed)
      await follow(await start(readModels))
      feed.grow(19)
      const proxy = await TamperingProxy.to(server().port)
      proxies.push(proxy)
      const killed = await start(models, { port: proxy.port })
      await killed.modelsOf(GENERATION).behind()
      proxy.killAfter(answers)
      const end = await runUntilKilled(killed).catch((failure: unknown) => failure)
      killed.close()
      const next = await start(models)
      await next.modelsOf(GENERATION).keep()
      feed.grow(20)
      await follow(next)
      await rebuild(next.modelsOf(GENERATION))
      if (expected === undefined) await expectAsFromTheBeginning(models, next)
      expected ??= await contents(prefix)
      expect(await contents(prefix)).toEqual(expected)
      if (end === 'survived') break
      expect(end).toMatchObject(isUnavailable)
      kills += 1
    }
    expect(kills).toBeGreaterThan(20)
  })

  /** Applies the feed between the parts, so that outputs arrive during the rebuild. */
  async function runUntilKilled(projections: RedisProjections): Promise<'survived'> {
    const models = projections.modelsOf(GENERATION)
    await models.keep()
    while (await makePart(models)) await follow(projections)
    await models.clear()
    return 'survived'
  }

  it('is not changed by a process of the release before, also if the process was paused; its batches are refused', async () => {
    const old = await start(readModels)
    await follow(old)
    const pausedAt = feed.maker.feed.length * 3
    feed.grow(20)
    const outputs = feed.maker.feed.slice(pausedAt / 3)
    const next = await start(raised('flows'))
    await next.modelsOf(GENERATION).keep()
    const batch = { position: feed.maker.feed.length * 3, outputs, logTime: 8 }
    expect(await old.target(GENERATION).apply(0, pausedAt, batch)).toBe('dropped')
    expect(await follow(old)).toBe('dropped')
    expect(await old.modelsOf(GENERATION).behind()).toBeUndefined()
    await follow(next)
    await rebuild(next.modelsOf(GENERATION))
    expect(await old.target(GENERATION).apply(0, pausedAt, batch)).toBe('dropped')
    await old.modelsOf(GENERATION).clear()
    await expectAsFromTheBeginning(raised('flows'), next)
    // It still answers from unchanged models, and does not use the new version of the changed model.
    await expect(old.readModels.transitionsPerHour({ from: 0, until: 1 })).rejects.toMatchObject(isUnavailable)
    expect(await old.readModels.stageCounts()).toEqual(await next.readModels.stageCounts())
  })

  it('is not changed by a rebuilding process that was paused while another release was running', async () => {
    const old = await start(readModels)
    await follow(old)
    const proxy = await TamperingProxy.to(server().port)
    proxies.push(proxy)
    const sleeper = await start(raised('flows'), { port: proxy.port })
    const models = sleeper.modelsOf(GENERATION)
    await models.keep()
    await makePart(models)
    const [next] = (await models.behind()) ?? []
    const held = proxy.holdNextAnswer()
    const part = models.makePart(next as NonNullable<typeof next>, feed)
    const pass = await held
    await old.modelsOf(GENERATION).keep()
    await rebuild(old.modelsOf(GENERATION))
    pass()
    await part
    expect(await models.behind()).toBeUndefined()
    await expectAsFromTheBeginning(readModels, old)
  })

  it('is not made from a feed that has lost outputs of the histories, and is made when the feed has them again', async () => {
    await follow(await start(readModels))
    const next = await start(raised('flows'))
    const models = next.modelsOf(GENERATION)
    await models.keep()
    const [behind] = (await models.behind()) ?? []
    const lost = { read: async () => [] }
    const failure = await models.makePart(behind as NonNullable<typeof behind>, lost).catch((cause: unknown) => cause)
    expect(failure).toBeInstanceOf(RondoError)
    expect(failure).toMatchObject({ code: 'RONDO_LOG_INCOMPLETE', retriable: true })
    await rebuild(models)
    await expectAsFromTheBeginning(raised('flows'), next)
  })

  it('is made from the beginning together with all other models if Redis was emptied', async () => {
    await follow(await start(readModels))
    const next = await start(raised('flows'))
    const models = next.modelsOf(GENERATION)
    await models.keep()
    await makePart(models)
    await server().command('FLUSHALL')
    expect(await models.behind()).toEqual([])
    await follow(next)
    await expectAsFromTheBeginning(raised('flows'), next)
  })
})
