import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import type { Output, RondoError } from '#contracts'
import type { Feed, FeedRecord } from '#event-log'
import { openRedisProjections, type ProjectionTarget, Projector, type ProjectorOptions, type RedisProjections } from '#projections'
import { randomId } from '#runtime'
import { TamperingProxy } from '../../../../test/redis/tampering-proxy.ts'
import { redisForTests } from '../../../../test/redis/trial.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { choice, FeedMaker } from '../conformance/feed-maker.ts'

/** A feed in memory, with cursors that have gaps, as those of Kafka have. */
class ListFeed implements Feed {
  readonly maker = new FeedMaker()
  readonly #records: FeedRecord[] = []

  /** Adds some hundred outputs, other ones at each call. */
  grow(seed: number): void {
    const choices = fc.sample(fc.array(choice, { minLength: 200, maxLength: 200 }), { seed, numRuns: 1 })[0] ?? []
    for (const output of choices.flatMap((next) => this.maker.next(next))) this.add(output)
  }

  add(output: Output): void {
    this.#records.push({ cursor: 3 * this.#records.length + 3, output: JSON.stringify(output) })
  }

  async read(after: number, most: number): Promise<FeedRecord[]> {
    const from = this.#records.findIndex(({ cursor }) => cursor > after)
    return from < 0 ? [] : this.#records.slice(from, from + most)
  }

  async newest(most: number): Promise<FeedRecord[]> {
    return this.#records.slice(-most)
  }
}

describe('a projector into Redis', () => {
  const server = redisForTests()
  const first = { name: '1', partitions: 1 }
  let prefix: string
  let projections: RedisProjections
  let feed: ListFeed
  let troubles: RondoError[]
  let stop: AbortController
  const onTrouble = (trouble: RondoError) => troubles.push(trouble)
  const open = (port = server().port) => openRedisProjections({ url: `redis://127.0.0.1:${port}`, cluster: false, prefix, timeoutMs: 1000 })

  beforeEach(async () => {
    prefix = randomId()
    projections = await open()
    feed = new ListFeed()
    feed.grow(1)
    troubles = []
    stop = new AbortController()
  })
  afterEach(() => {
    stop.abort()
    projections.close()
  })

  function projector(target: ProjectionTarget = projections.target(first), parts: Partial<ProjectorOptions> = {}): Projector {
    return new Projector({ partition: 0, feed, target, freshness: async () => 7, onTrouble, most: 20, pauseMs: 5, retryMs: 20, ...parts })
  }

  async function eventually(check: () => Promise<void>): Promise<void> {
    const signal = AbortSignal.timeout(10_000)
    for (;;) {
      try {
        return await check()
      } catch (failure) {
        if (signal.aborted) throw failure
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }
  const expectFollowed = () => eventually(() => expectModels(projections.readModels, feed.maker.feed))

  it('applies the feed, goes on with it, and stops when it is told to', async () => {
    const running = projector().run(stop.signal)
    await expectFollowed()
    feed.grow(2)
    await expectFollowed()
    expect((await projections.readModels.stageCounts()).asOf).toBe(7)
    stop.abort()
    expect(await running).toBe('stopped')
    expect(troubles).toEqual([])
  })

  it('knows no time before it has come to the end of the feed', async () => {
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

  it('applies a batch once whose answer was lost with the connection', async () => {
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

  it('does no harm beside another one on the same partition, nor after having slept', async () => {
    const target = projections.target(first)
    const asleep = Promise.withResolvers<void>()
    const awake = Promise.withResolvers<void>()
    let batches = 0
    const sleepy: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: async (partition, base, batch) => {
        if (batches++ === 2) {
          asleep.resolve()
          await awake.promise
        }
        return target.apply(partition, base, batch)
      },
    }
    const zombie = projector(sleepy).run(stop.signal)
    await asleep.promise
    const successor = projector().run(stop.signal)
    await expectFollowed()
    awake.resolve()
    feed.grow(3)
    await expectFollowed()
    stop.abort()
    expect([await zombie, await successor]).toEqual(['stopped', 'stopped'])
    expect(troubles).toEqual([])
  })

  it('fills a Redis again that was emptied', async () => {
    const running = projector().run(stop.signal)
    await expectFollowed()
    await server().command('FLUSHALL')
    await expectFollowed()
    feed.grow(4)
    await expectFollowed()
    stop.abort()
    await running
  })

  const user = { type: 'user', id: 'u1' }
  /** What each way to ask comes to: the code of its refusal, or `answered`. */
  async function outcomesOf({ readModels }: RedisProjections): Promise<string[]> {
    const asked = [
      readModels.stageCounts(),
      readModels.actor(user),
      readModels.history(user, { most: 1 }),
      readModels.actorsIn('new', { most: 1 }),
      readModels.transitionsPerHour({ from: 0, until: 1 }),
    ]
    return Promise.all(
      asked.map((answer) =>
        answer.then(
          () => 'answered',
          ({ code, retriable }: RondoError) => `${code} ${retriable}`,
        ),
      ),
    )
  }
  const everyWay = (outcome: string): string[] => Array.from({ length: 5 }, () => outcome)
  const GONE = everyWay('RONDO_MODELS_UNAVAILABLE true')

  // It answered that nobody was in any stage, and then that those were few whom it had read again so far.
  it('answers nothing from a Redis that was emptied before it holds all of the feed again', async () => {
    expect(await outcomesOf(projections)).toEqual(GONE)
    await projector().catchUp(stop.signal)
    expect(await outcomesOf(projections)).toEqual(everyWay('answered'))
    await server().command('FLUSHALL')
    expect(await outcomesOf(projections)).toEqual(GONE)
    const target = projections.target(first)
    const outcomes: string[] = []
    const watched: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: async (partition, base, batch) => {
        outcomes.push(...(await outcomesOf(projections)))
        return target.apply(partition, base, batch)
      },
    }
    await projector(watched).catchUp(stop.signal)
    expect(outcomes.length).toBeGreaterThan(5 * GONE.length)
    expect(new Set(outcomes)).toEqual(new Set(GONE))
    await expectFollowed()
  })

  it.each([1, 2])('answers nothing from a Redis that was emptied behind answer %d to a question', async (answers) => {
    await projector().catchUp(stop.signal)
    const proxy = await TamperingProxy.to(server().port)
    const reader = await open(proxy.port)
    await reader.readModels.stageCounts()
    let held = proxy.holdNextAnswer()
    const asked = reader.readModels.stageCounts().catch(({ code }: RondoError) => code)
    for (let answer = 1; answer < answers; answer++) {
      const pass = await held
      held = proxy.holdNextAnswer()
      pass()
    }
    const pass = await held
    await server().command('FLUSHALL')
    pass()
    expect(await asked).toBe('RONDO_MODELS_UNAVAILABLE')
    reader.close()
    proxy.close()
  })

  // In a cluster the node that says which generation is shown can be lost alone.
  it('shows a generation again that is fed, where only the word of it was lost', async () => {
    await projector().catchUp(stop.signal)
    await server().command('DEL', `${prefix}:current`)
    expect(await outcomesOf(projections)).toEqual(GONE)
    expect(await projections.generations.hold(first)).toBe(true)
    await expectFollowed()
  })

  it.each([
    { what: 'a password that Redis does not know', url: (port: number) => `redis://:first-secret@127.0.0.1:${port}`, password: 'second-secret' },
    { what: 'a user that Redis does not know', url: (port: number) => `redis://somebody:first-secret@127.0.0.1:${port}`, password: 'second-secret' },
    { what: 'no password where Redis wants one', url: (port: number) => `redis://127.0.0.1:${port}`, password: 'second-secret' },
  ])('tries again with $what, says so without the secret, and goes on when it is right', async ({ url, password }) => {
    await server().command('CONFIG', 'SET', 'requirepass', password)
    const admin = new Redis(server().url, { password })
    const rejected = await openRedisProjections({ url: url(server().port), cluster: false, prefix, timeoutMs: 1000, onTrouble })
    const running = projector(rejected.target(first)).run(stop.signal)
    await eventually(async () => expect(troubles.filter(({ message }) => message.includes('RONDO_REDIS')).length).toBeGreaterThan(2))
    expect(new Set(troubles.map(({ code, retriable }) => `${code} ${retriable}`))).toEqual(new Set(['RONDO_MODELS_UNAVAILABLE true']))
    expect(troubles.map(({ message }) => message).join()).not.toContain('secret')
    expect(await outcomesOf(rejected)).toEqual(GONE)
    await admin.call('ACL', 'SETUSER', 'somebody', 'on', '>first-secret', '~*', '+@all')
    await admin.config('SET', 'requirepass', url(0).includes('secret') ? 'first-secret' : '')
    await eventually(() => expectModels(rejected.readModels, feed.maker.feed))
    stop.abort()
    expect(await running).toBe('stopped')
    rejected.close()
    await admin.config('SET', 'requirepass', '')
    await admin.call('ACL', 'DELUSER', 'somebody')
    admin.disconnect()
  })

  it('tries again where the password is changed while it runs', async () => {
    const running = projector().run(stop.signal)
    await expectFollowed()
    const admin = new Redis(server().url)
    await admin.config('SET', 'requirepass', 'changed-secret')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await eventually(async () => expect(troubles.some(({ message }) => message.includes('RONDO_REDIS'))).toBe(true))
    expect(troubles.filter(({ retriable }) => !retriable)).toEqual([])
    feed.grow(8)
    await admin.config('SET', 'requirepass', '')
    admin.disconnect()
    await expectFollowed()
    stop.abort()
    expect(await running).toBe('stopped')
  })

  it('tells of a Redis that is down, tries again, and fills the one that comes up', async () => {
    const running = projector().run(stop.signal)
    await expectFollowed()
    await server().kill()
    feed.grow(5)
    await eventually(async () => expect(troubles.length).toBeGreaterThan(1))
    expect(new Set(troubles.map(({ code }) => code))).toEqual(new Set(['RONDO_MODELS_UNAVAILABLE']))
    await expect(projections.readModels.stageCounts()).rejects.toMatchObject({ code: 'RONDO_MODELS_UNAVAILABLE', retriable: true })
    await server().start()
    await expectFollowed()
    stop.abort()
    expect(await running).toBe('stopped')
  })

  it('stops while it waits for a Redis that is down', async () => {
    const nowhere = await open(1)
    const running = projector(nowhere.target(first), { retryMs: 60_000 }).run(stop.signal)
    await eventually(async () => expect(troubles).toHaveLength(1))
    stop.abort()
    expect(await running).toBe('stopped')
    nowhere.close()
  })

  it('changes nothing where Redis is out of memory, and goes on when it has some', async () => {
    const used = Number(/used_memory:(\d+)/.exec(String(await server().command('INFO', 'memory')))?.[1])
    await server().command('CONFIG', 'SET', 'maxmemory', String(Math.floor(used / 2)))
    const running = projector().run(stop.signal)
    await eventually(async () => expect(troubles.length).toBeGreaterThan(0))
    expect(troubles[0]?.message).toContain('OOM')
    expect(await projections.target(first).position(0)).toBe(0)
    await server().command('CONFIG', 'SET', 'maxmemory', '0')
    await expectFollowed()
    stop.abort()
    await running
  })

  it('ends at a feed that does not go on where the read models ended', async () => {
    await projector().catchUp(stop.signal)
    const strange = new FeedMaker().next({ what: 'transition', actor: 0, stage: 'new', at: 0, kind: 'advance' })
    for (const output of strange) feed.add({ ...output, seq: 1000 })
    await expect(projector().run(stop.signal)).rejects.toMatchObject({ code: 'RONDO_MODELS_MISMATCH' })
    await expectModels(projections.readModels, feed.maker.feed)
  })

  it('fills a new generation while the old one answers; after the switch the old one is deleted, and its projector told', async () => {
    const second = { name: '2', partitions: 1 }
    const { generations, readModels } = projections
    const running = projector().run(stop.signal)
    await expectFollowed()
    const before = [...feed.maker.feed]
    const rebuilding = projector(projections.target(second), { most: 7 })
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

  it('never answers from a generation that was deleted while it was asked', async () => {
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

  it('fills a generation again that was dropped and revived, and a deletion that was asleep takes nothing of it', async () => {
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

  it.each(['', 'a{b}', 'a*'])('refuses %j as the beginning of keys', async (bad) => {
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
