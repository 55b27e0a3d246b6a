import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { RondoError } from '#contracts'
import { randomId } from '#runtime'
import { redisContents } from '../../../../test/fixtures/redis/redis-contents.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { TamperingProxy } from '../../../../test/fixtures/redis/tampering-proxy.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { ListFeed } from '../conformance/list-feed.ts'
import { outputKinds } from '../conformance/output-kinds.ts'
import { withRaisedVersions } from '../conformance/rebuilt-model.conformance.ts'
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

  /** Makes one part of the first model that is behind. @returns false if no model is behind */
  async function makePart(models: GenerationModels): Promise<boolean> {
    const [next] = (await models.modelsBehind()) ?? []
    if (next !== undefined) await models.makePart(next, feed)
    return next !== undefined
  }

  async function rebuild(models: GenerationModels): Promise<void> {
    while (await makePart(models));
    await models.deleteOldModels()
  }

  /** The contents without `filled` and without zeros: a stage has a count of 0 if actors were in it between two parts only. */
  const contents = (at: string) => redisContents(server().url, at, ([field, value]) => field !== 'filled' && value !== '0')

  /** Compares the contents with those of a Redis that this release alone has filled. */
  async function expectAsFromTheBeginning(models: readonly ReadModel[], projections: RedisProjections): Promise<void> {
    await expectModels(projections.readModels, feed.published)
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
    expect(feed.published.length).toBeGreaterThan(1000)
    const next = await start(withRaisedVersions(name))
    const models = next.modelsOf(GENERATION)
    expect(await models.keepModels()).toBe(true)
    let parts = 0
    do {
      for (const [other, answer] of Object.entries(ask)) {
        if (other === name) await expect(answer(next.readModels)).rejects.toMatchObject(isUnavailable)
        else await answer(next.readModels)
      }
      const newest = feed.published.at(-1)
      expect(await next.readModels.history(newest?.actor ?? { type: '', id: '' }, { limit: 1 })).toHaveLength(1)
      if (parts < 3) feed.grow(20 + parts)
      expect(await follow(next)).toBe('caught-up')
      parts += 1
      await makePart(models)
    } while ((await models.modelsBehind())?.length !== 0)
    expect(parts).toBeGreaterThan(3)
    await models.deleteOldModels()
    await expectAsFromTheBeginning(withRaisedVersions(name), next)
    feed.grow(30)
    await follow(next)
    await expectAsFromTheBeginning(withRaisedVersions(name), next)
  })

  it('reports the percentage of the feed from which it has been made', async () => {
    await follow(await start(readModels))
    const models = (await start(withRaisedVersions('flows'))).modelsOf(GENERATION)
    await models.keepModels()
    const seen: (number | undefined)[] = []
    do seen.push((await models.modelsBehind())?.[0]?.percent)
    while (await makePart(models))
    expect(seen.length).toBeGreaterThan(3)
    expect([seen[0], seen.at(-1)]).toEqual([0, undefined])
    expect(seen).toEqual([...new Set(seen)])
  })

  it('has version 1 in a Redis that was filled before versions were noted', async () => {
    await follow(await start(readModels))
    await server().command('HDEL', `${prefix}:{1.0}:state`, 'models')
    const same = await start(readModels)
    await same.modelsOf(GENERATION).keepModels()
    expect(await same.modelsOf(GENERATION).modelsBehind()).toEqual([])
    await expectModels(same.readModels, feed.published)
    await server().command('HDEL', `${prefix}:{1.0}:state`, 'models')
    const next = await start(withRaisedVersions('stage-counts'))
    await next.modelsOf(GENERATION).keepModels()
    expect((await next.modelsOf(GENERATION).modelsBehind())?.map(({ model }) => model.name)).toEqual(['stage-counts'])
    await rebuild(next.modelsOf(GENERATION))
    await expectAsFromTheBeginning(withRaisedVersions('stage-counts'), next)
  })

  it('is made if it is new in the list, and deleted if it is no longer listed', async () => {
    await follow(await start(readModels))
    const more = await start([...readModels, outputKinds])
    await more.modelsOf(GENERATION).keepModels()
    await rebuild(more.modelsOf(GENERATION))
    await expectAsFromTheBeginning([...readModels, outputKinds], more)
    const fewer = await start(readModels)
    await fewer.modelsOf(GENERATION).keepModels()
    await rebuild(fewer.modelsOf(GENERATION))
    await expectAsFromTheBeginning(readModels, fewer)
  })

  it('is made from the beginning if an earlier release returns in the middle of a rebuild', async () => {
    const old = await start(readModels)
    await follow(old)
    const next = await start(withRaisedVersions('flows', 'stage-counts'))
    await next.modelsOf(GENERATION).keepModels()
    await makePart(next.modelsOf(GENERATION))
    await old.modelsOf(GENERATION).keepModels()
    await makePart(old.modelsOf(GENERATION))
    feed.grow(20)
    await follow(old)
    await next.modelsOf(GENERATION).keepModels()
    await makePart(next.modelsOf(GENERATION))
    await old.modelsOf(GENERATION).keepModels()
    await rebuild(old.modelsOf(GENERATION))
    await expectAsFromTheBeginning(readModels, old)
  })

  it('counts an output once if the feed contains it twice', async () => {
    await follow(await start(readModels))
    const before = feed.published.length
    for (const output of feed.published.slice(300, 700)) feed.add(output)
    const next = await start(withRaisedVersions('flows', 'stage-counts', 'stage-members'))
    await next.modelsOf(GENERATION).keepModels()
    await follow(next)
    await rebuild(next.modelsOf(GENERATION))
    expect(feed.published).toHaveLength(before)
    await expectModels(next.readModels, feed.published)
  })

  it('is correct if two processes rebuild it at the same time', async () => {
    await follow(await start(readModels))
    const both = [await start(withRaisedVersions('flows', 'stage-members')), await start(withRaisedVersions('flows', 'stage-members'))]
    const models = both.map((projections) => projections.modelsOf(GENERATION))
    await Promise.all(models.map((each) => each.keepModels()))
    feed.grow(20)
    await Promise.all([...models.map(rebuild), ...both.map(follow)])
    await Promise.all(models.map(rebuild))
    await expectAsFromTheBeginning(withRaisedVersions('flows', 'stage-members'), both[0] as RedisProjections)
  })

  it('is correct at the end if its process is killed at any command', async () => {
    const models = withRaisedVersions('flows', 'stage-counts')
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
      await killed.modelsOf(GENERATION).modelsBehind()
      proxy.killAfter(answers)
      const end = await runUntilKilled(killed).catch((failure: unknown) => failure)
      killed.close()
      const next = await start(models)
      await next.modelsOf(GENERATION).keepModels()
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
    await models.keepModels()
    while (await makePart(models)) await follow(projections)
    await models.deleteOldModels()
    return 'survived'
  }

  it('is not changed by a process of the release before, also if the process was paused; its batches are refused', async () => {
    const old = await start(readModels)
    await follow(old)
    const pausedAt = feed.published.length * 3
    feed.grow(20)
    const outputs = feed.published.slice(pausedAt / 3)
    const next = await start(withRaisedVersions('flows'))
    await next.modelsOf(GENERATION).keepModels()
    const batch = { position: feed.published.length * 3, outputs, logTime: 8 }
    expect(await old.target(GENERATION).apply(0, pausedAt, batch)).toBe('dropped')
    expect(await follow(old)).toBe('dropped')
    expect(await old.modelsOf(GENERATION).modelsBehind()).toBeUndefined()
    await follow(next)
    await rebuild(next.modelsOf(GENERATION))
    expect(await old.target(GENERATION).apply(0, pausedAt, batch)).toBe('dropped')
    await old.modelsOf(GENERATION).deleteOldModels()
    await expectAsFromTheBeginning(withRaisedVersions('flows'), next)
    // It still answers from unchanged models, and does not use the new version of the changed model.
    await expect(old.readModels.transitionsPerHour({ from: 0, until: 1 })).rejects.toMatchObject(isUnavailable)
    expect(await old.readModels.stageCounts()).toEqual(await next.readModels.stageCounts())
  })

  it('is not changed by a rebuilding process that was paused while another release was running', async () => {
    const old = await start(readModels)
    await follow(old)
    const proxy = await TamperingProxy.to(server().port)
    proxies.push(proxy)
    const sleeper = await start(withRaisedVersions('flows'), { port: proxy.port })
    const models = sleeper.modelsOf(GENERATION)
    await models.keepModels()
    await makePart(models)
    const [next] = (await models.modelsBehind()) ?? []
    const held = proxy.holdNextAnswer()
    const part = models.makePart(next as NonNullable<typeof next>, feed)
    const pass = await held
    await old.modelsOf(GENERATION).keepModels()
    await rebuild(old.modelsOf(GENERATION))
    pass()
    await part
    expect(await models.modelsBehind()).toBeUndefined()
    await expectAsFromTheBeginning(readModels, old)
  })

  it('is not made from a feed that has lost outputs of the histories, and is made when the feed has them again', async () => {
    await follow(await start(readModels))
    const next = await start(withRaisedVersions('flows'))
    const models = next.modelsOf(GENERATION)
    await models.keepModels()
    const [behind] = (await models.modelsBehind()) ?? []
    const lost = { read: async () => [] }
    const failure = await models.makePart(behind as NonNullable<typeof behind>, lost).catch((cause: unknown) => cause)
    expect(failure).toBeInstanceOf(RondoError)
    expect(failure).toMatchObject({ code: 'RONDO_LOG_INCOMPLETE', retriable: true })
    await rebuild(models)
    await expectAsFromTheBeginning(withRaisedVersions('flows'), next)
  })

  it('is made from the beginning together with all other models if Redis was emptied', async () => {
    await follow(await start(readModels))
    const next = await start(withRaisedVersions('flows'))
    const models = next.modelsOf(GENERATION)
    await models.keepModels()
    await makePart(models)
    await server().command('FLUSHALL')
    expect(await models.modelsBehind()).toEqual([])
    await follow(next)
    await expectAsFromTheBeginning(withRaisedVersions('flows'), next)
  })
})
