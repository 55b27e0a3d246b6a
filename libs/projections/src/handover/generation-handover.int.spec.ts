import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { RondoError } from '#contracts'
import { randomId, SimulatedClock } from '#runtime'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { FeedAndPositions } from '../conformance/feed-and-positions.ts'
import { openRedisProjections, type RedisProjections } from '../redis/redis-projections.ts'
import { GenerationHandover, type HandoverOptions } from './generation-handover.ts'

describe('the handover between generations', () => {
  const server = redisForTests()
  let prefix: string
  let redis: RedisProjections
  let processed: FeedAndPositions
  let clock: SimulatedClock
  let running: GenerationHandover[]
  let alarms: RondoError[]
  let failures: unknown[]

  beforeEach(async () => {
    prefix = randomId()
    redis = await openRedisProjections({ url: server().url, cluster: false, prefix })
    processed = new FeedAndPositions()
    processed.add(0)
    clock = new SimulatedClock(1_000_000)
    running = []
    alarms = []
    failures = []
  })
  afterEach(async () => {
    processed.answer()
    await Promise.all(running.map((handover) => handover.stop()))
    redis.close()
  })

  const definitionRun = { cycle: 'c', version: 1, generation: 1 }

  function start(generation: string, parts: Partial<HandoverOptions> = {}): GenerationHandover {
    const handover = new GenerationHandover({
      redis,
      feeds: [processed],
      groupPositions: processed,
      generation,
      definitionRun,
      clock,
      onAlarm: (failure) => alarms.push(failure),
      onFailure: (failure) => failures.push(failure),
      ...parts,
    })
    running.push(handover)
    handover.start()
    return handover
  }

  const until = (check: () => boolean | Promise<boolean>): Promise<boolean> => eventually(check, Boolean)
  const untilUnready = (handover: GenerationHandover): Promise<boolean> =>
    until(() => {
      clock.advanceBy(1000)
      return handover.unreadyReason !== undefined
    })
  const isReady = (handover: GenerationHandover) => () => handover.unreadyReason === undefined
  const shown = async () => (await redis.generations.current())?.name
  /** Resolves after several more polls, in which a handover could have done something wrong. */
  const morePolls = (): Promise<boolean> => {
    const { polls } = processed
    return until(() => processed.polls >= polls + 6)
  }

  // In an earlier release it stayed ready without a message, while its process answered from the read models of the other.
  it('is not ready after another deployment has replaced its generation, and reports the reason', async () => {
    const first = start('first')
    await until(isReady(first))
    const second = start('second')
    await until(isReady(second))
    await until(() => first.unreadyReason !== undefined)
    expect(first.unreadyReason).toBe('Redis shows the read models of another deployment.')
    expect(alarms.map(({ code }) => code)).toEqual(['RONDO_DATA_MISMATCH'])
    expect(alarms[0]?.message).toContain('RONDO_REDIS_PREFIX')
    // It does not replace the other while that is fed.
    await morePolls()
    expect(isReady(second)()).toBe(true)
    expect([await shown(), failures]).toEqual(['second', []])
  })

  it('fills its generation again when no process feeds the other generation any more', async () => {
    const first = start('first')
    await until(isReady(first))
    const second = start('second')
    await until(() => first.unreadyReason !== undefined)
    await until(isReady(second))
    await second.stop()
    processed.add(1)
    await until(isReady(first))
    expect(await shown()).toBe('first')
    expect((await redis.readModels.stageCounts()).total).toBe(2)
  })

  it('is not ready if another generation is shown, even if its own was not deleted', async () => {
    const first = start('first')
    await until(isReady(first))
    await redis.generations.switchTo({ name: 'other', partitions: 1 })
    await until(() => first.unreadyReason === 'Redis shows the read models of another deployment.')
  })

  it('deletes the previous generation also after an interruption between the switch and the deletion', async () => {
    const first = start('first')
    await until(isReady(first))
    await first.stop()
    const lost = new RondoError('RONDO_MODELS_UNAVAILABLE', 'The answer was lost.', { retriable: true })
    jest.spyOn(redis.generations, 'drop').mockRejectedValueOnce(lost)
    await until(isReady(start('second')))
    expect(alarms).toEqual([lost])
    expect(await server().command('KEYS', `${prefix}:{first.*`)).toEqual([`${prefix}:{first.0}:state`])
  })

  it('stays ready for ten seconds without an answer, then is not ready until there is one', async () => {
    const handover = start('first')
    await until(isReady(handover))
    processed.hang()
    await until(() => processed.isAsked)
    clock.advanceBy(10_000)
    expect(handover.unreadyReason).toBeUndefined()
    clock.advanceBy(1)
    expect(handover.unreadyReason).toMatch(/10 s ago: Kafka or Redis does not answer/)
    processed.answer()
    await until(isReady(handover))
  })

  it('is not ready while Redis cannot be reached, and is ready again afterwards', async () => {
    const handover = start('first')
    await until(isReady(handover))
    await server().kill()
    await untilUnready(handover)
    expect(handover.unreadyReason).toMatch(/1\d s ago: .*Check that Redis is up.*\(RONDO_MODELS_UNAVAILABLE\)/)
    await server().start()
    await until(isReady(handover))
    expect(failures).toEqual([])
  })

  it('reports the log time that was applied, not the one that was polled', async () => {
    const handover = start('first')
    await until(isReady(handover))
    expect(handover.logTimes).toEqual([1000])
    processed.hang()
    processed.logTime = 2000
    await until(() => processed.isAsked)
    const { polls } = processed
    await until(() => processed.polls > polls + 1)
    expect(handover.logTimes).toEqual([1000])
    processed.answer()
    await until(() => handover.logTimes[0] === 2000)
    expect((await redis.readModels.stageCounts()).asOf).toBe(2000)
  })

  it.each([{ cycle: 'd' }, { version: 2 }, { generation: 2 }])(
    'is refused by a feed of another definition, here not %j, and leaves what is shown',
    async (other) => {
      const first = start('first')
      await until(isReady(first))
      processed.logTime = Number.NEGATIVE_INFINITY
      const second = start('second', { definitionRun: { ...definitionRun, ...other } })
      await until(() => failures.length > 0)
      expect(failures[0]).toMatchObject({ code: 'RONDO_DATA_MISMATCH', message: expect.stringContaining('the cycle c, version 1, generation 1') })
      expect([await shown(), second.unreadyReason === undefined, first.unreadyReason]).toEqual(['first', false, undefined])
    },
  )

  it('ends before it shows or deletes anything if the position of the group is of another definition', async () => {
    const first = start('first')
    await until(isReady(first))
    const { promise, reject } = Promise.withResolvers<never>()
    const asked = Promise.withResolvers<void>()
    const positions = () => {
      asked.resolve()
      return promise
    }
    start('second', { groupPositions: { positions } })
    await asked.promise
    await morePolls()
    expect(await shown()).toBe('first')
    const foreign = new RondoError('RONDO_DATA_MISMATCH', 'It was folded by another definition.')
    reject(foreign)
    await until(() => failures.length > 0)
    expect([failures, await shown(), first.unreadyReason]).toEqual([[foreign], 'first', undefined])
  })

  it('shows its read models if the group has committed nothing and the feed is of the definition, but is not ready', async () => {
    processed.logTime = Number.NEGATIVE_INFINITY
    const handover = start('first')
    await until(async () => (await shown()) === 'first')
    await until(() => handover.unreadyReason?.includes('RONDO_GROUP') === true)
    expect((await redis.readModels.stageCounts()).total).toBe(1)
    processed.logTime = 1000
    await until(isReady(handover))
  })

  // In an earlier release a reset of the group's offsets ended serving, although the read models had not changed.
  it.each([
    { what: 'set by a tool', failure: new RondoError('RONDO_LOG_INCOMPLETE', 'A tool has set it.'), logTime: 1000 },
    { what: 'deleted with the group', failure: undefined, logTime: Number.NEGATIVE_INFINITY },
  ])('continues with its read models if the position of the group is $what, but is not ready', async ({ failure, logTime }) => {
    const handover = start('first')
    await until(isReady(handover))
    Object.assign(processed, { positionsFailure: failure, logTime })
    await until(() => handover.unreadyReason?.includes('RONDO_LOG_INCOMPLETE') === true)
    expect(handover.unreadyReason).toContain('Nothing new is published')
    expect(await redis.readModels.stageCounts()).toMatchObject({ asOf: 1000, total: 1 })
    // A process that starts now shows them as well.
    await handover.stop()
    const later = start('first')
    await until(() => later.unreadyReason?.includes('Nothing new is published') === true)
    expect([(await redis.readModels.stageCounts()).asOf, failures]).toEqual([1000, []])
    processed.positionsFailure = undefined
    processed.logTime = 2000
    await until(isReady(later))
  })

  it('continues with its read models if the feed no longer continues from them, but is not ready', async () => {
    const handover = start('first')
    await until(isReady(handover))
    processed.feedFailure = new RondoError('RONDO_LOG_INCOMPLETE', 'The topic ends below it.')
    await until(() => handover.unreadyReason === 'The feed of partition 0 cannot be followed: The topic ends below it. (RONDO_LOG_INCOMPLETE)')
    expect((await redis.readModels.stageCounts()).total).toBe(1)
    expect(failures).toEqual([])
    processed.feedFailure = undefined
    await until(isReady(handover))
  })

  it('is not ready from the moment when Redis was emptied until it is filled again', async () => {
    const handover = start('first')
    await until(isReady(handover))
    processed.hang()
    await until(() => processed.isAsked)
    await server().command('FLUSHALL')
    processed.answer()
    const seen = new Set<string | undefined>()
    await until(() => {
      seen.add(handover.unreadyReason)
      return alarms.length > 0 && handover.unreadyReason === undefined
    })
    expect(alarms.map(({ message }) => message)).toEqual([
      'Redis had lost the read models of partition 0, all or the newest. They are filled again from the feed.',
    ])
    expect((await redis.readModels.stageCounts()).total).toBe(1)
  })

  it('reports why Redis refuses the connection, before it is ready for the first time and later', async () => {
    const refused = await openRedisProjections({ url: server().url.replace('//', '//nobody:top-secret@'), cluster: false, prefix })
    const handover = start('first', { redis: refused })
    await until(() => handover.unreadyReason?.includes('RONDO_REDIS') === true)
    expect(handover.unreadyReason).not.toContain('secret')
    await server().command('ACL', 'SETUSER', 'nobody', 'on', '>top-secret', '~*', '+@all')
    await until(isReady(handover))
    await server().command('ACL', 'DELUSER', 'nobody')
    await untilUnready(handover)
    expect(handover.unreadyReason).toMatch(/1\d s ago: .*RONDO_REDIS/)
    expect(failures).toEqual([])
    await handover.stop()
    refused.close()
  })
})
