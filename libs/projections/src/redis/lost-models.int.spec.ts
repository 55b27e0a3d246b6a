import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { RondoError } from '#contracts'
import { eventuallyPasses } from '../../../../test/fixtures/eventually.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { TamperingProxy } from '../../../../test/fixtures/redis/tampering-proxy.ts'
import { expectModels } from '../conformance/expected-models.ts'
import { firstGeneration, redisFixtureForTests } from '../conformance/redis-fixture.ts'
import type { ProjectionTarget } from '../projection-target.ts'
import { openRedisProjections, type RedisProjections } from './redis-projections.ts'

describe('read models in a Redis that loses them or refuses the connection', () => {
  const server = redisForTests()
  const fixture = redisFixtureForTests(server)

  const user = { type: 'user', id: 'u1' }
  /** The outcome of each question: the code of its refusal, or `answered`. */
  async function outcomesOf({ readModels }: RedisProjections): Promise<string[]> {
    const asked = [
      readModels.stageCounts(),
      readModels.actor(user),
      readModels.history(user, { limit: 1 }),
      readModels.actorsIn('new', { limit: 1 }),
      readModels.transitionsPerHour({ from: 0, until: 1 }),
      readModels.accounts({ from: 0 }),
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
  /** The same outcome of all questions. */
  const everyQuestion = (outcome: string): string[] => Array.from({ length: 6 }, () => outcome)
  const UNAVAILABLE = everyQuestion('RONDO_MODELS_UNAVAILABLE true')

  // In an earlier release they answered that no actor was in any stage, and then only with the actors that had been read again so far.
  it('give no answer after Redis was emptied, until the whole feed is applied again', async () => {
    expect(await outcomesOf(fixture().projections)).toEqual(UNAVAILABLE)
    await fixture().projector().catchUp(fixture().stop.signal)
    expect(await outcomesOf(fixture().projections)).toEqual(everyQuestion('answered'))
    await server().command('FLUSHALL')
    expect(await outcomesOf(fixture().projections)).toEqual(UNAVAILABLE)
    const target = fixture().projections.target(firstGeneration)
    const outcomes: string[] = []
    const watched: ProjectionTarget = {
      position: (partition) => target.position(partition),
      apply: async (partition, base, batch) => {
        outcomes.push(...(await outcomesOf(fixture().projections)))
        return target.apply(partition, base, batch)
      },
    }
    await fixture().projector(watched).catchUp(fixture().stop.signal)
    expect(outcomes.length).toBeGreaterThan(5 * UNAVAILABLE.length)
    expect(new Set(outcomes)).toEqual(new Set(UNAVAILABLE))
    await fixture().expectCaughtUp()
  })

  it.each([1, 2])('give no answer if Redis is emptied in the middle of a question, after its answer number %d', async (answers) => {
    await fixture().projector().catchUp(fixture().stop.signal)
    const proxy = await TamperingProxy.to(server().port)
    const reader = await fixture().connect(proxy.port)
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

  // In a cluster, only the node with the name of the current generation may lose its data.
  it('are shown again if Redis has lost only the name of the current generation', async () => {
    await fixture().projector().catchUp(fixture().stop.signal)
    await server().command('DEL', `${fixture().prefix}:current`)
    expect(await outcomesOf(fixture().projections)).toEqual(UNAVAILABLE)
    expect(await fixture().projections.generations.reportFed(firstGeneration)).toBe(true)
    await fixture().expectCaughtUp()
  })

  it.each([
    { what: 'a password that Redis does not know', url: (port: number) => `redis://:first-secret@127.0.0.1:${port}`, password: 'second-secret' },
    { what: 'a user that Redis does not know', url: (port: number) => `redis://somebody:first-secret@127.0.0.1:${port}`, password: 'second-secret' },
    { what: 'no password where Redis wants one', url: (port: number) => `redis://127.0.0.1:${port}`, password: 'second-secret' },
  ])('try again with $what, report it without the password, and continue when Redis accepts the password', async ({ url, password }) => {
    await server().command('CONFIG', 'SET', 'requirepass', password)
    const admin = new Redis(server().url, { password })
    const refused = await openRedisProjections({
      url: url(server().port),
      cluster: false,
      prefix: fixture().prefix,
      timeoutMs: 1000,
      onFailure: fixture().onRetry,
    })
    const running = fixture().projector(refused.target(firstGeneration)).run(fixture().stop.signal)
    await eventuallyPasses(async () => expect(fixture().failures.filter(({ message }) => message.includes('RONDO_REDIS')).length).toBeGreaterThan(2))
    expect(new Set(fixture().failures.map(({ code, retriable }) => `${code} ${retriable}`))).toEqual(new Set(['RONDO_LOGIN_REFUSED true']))
    expect(
      fixture()
        .failures.map(({ message }) => message)
        .join(),
    ).not.toContain('secret')
    expect(await outcomesOf(refused)).toEqual(everyQuestion('RONDO_LOGIN_REFUSED true'))
    await admin.call('ACL', 'SETUSER', 'somebody', 'on', '>first-secret', '~*', '+@all')
    await admin.config('SET', 'requirepass', url(0).includes('secret') ? 'first-secret' : '')
    await eventuallyPasses(() => expectModels(refused.readModels, fixture().feed.published))
    fixture().stop.abort()
    expect(await running).toBe('stopped')
    refused.close()
    await admin.config('SET', 'requirepass', '')
    await admin.call('ACL', 'DELUSER', 'somebody')
    admin.disconnect()
  })

  it('try again if the password of Redis is changed while the process is running', async () => {
    const running = fixture().projector().run(fixture().stop.signal)
    await fixture().expectCaughtUp()
    const admin = new Redis(server().url)
    await admin.config('SET', 'requirepass', 'changed-secret')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await eventuallyPasses(async () => expect(fixture().failures.some(({ message }) => message.includes('RONDO_REDIS'))).toBe(true))
    expect(fixture().failures.filter(({ retriable }) => !retriable)).toEqual([])
    fixture().feed.grow(8)
    await admin.config('SET', 'requirepass', '')
    admin.disconnect()
    await fixture().expectCaughtUp()
    fixture().stop.abort()
    expect(await running).toBe('stopped')
  })
})
