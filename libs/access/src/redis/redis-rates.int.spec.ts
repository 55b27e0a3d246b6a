import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { randomId, SimulatedClock } from '#runtime'
import { eventually } from '../../../../test/fixtures/eventually.ts'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { describeRates } from '../conformance/rates.conformance.ts'
import { RatesWithFallback } from '../rates/rates-with-fallback.ts'
import { RedisRates } from './redis-rates.ts'

const SLOW = { perSecond: 0.001, burst: 5 }

/** Commands fail until the connection is made. */
async function ready(rates: RedisRates): Promise<RedisRates> {
  const take = (): Promise<boolean> =>
    rates.take('first', 1, { perSecond: 1000, burst: 1 }).then(
      () => true,
      () => false,
    )
  await eventually(take, (isReady) => isReady)
  return rates
}

describe.each([false, true])('on Redis, a cluster: %s', (cluster) => {
  const redis = redisForTests({ cluster })
  const connected = (prefix: string, timeoutMs = 10_000) => RedisRates.connect({ url: redis().url, cluster, prefix, timeoutMs }, () => {})
  describeRates('in Redis', async () => {
    const plain = new Redis(redis().url)
    const time = async (): Promise<number> => {
      const [seconds, micros] = (await plain.time()) as unknown as [string, string]
      return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
    }
    const rates = await ready(await connected(randomId()))
    return {
      rates: {
        take: (...args) => rates.take(...args),
        close() {
          rates.close()
          plain.disconnect()
        },
      },
      now: time,
      async pass() {
        const from = await time()
        await eventually(time, (now) => now > from)
      },
    }
  })

  it('processes share the buckets, which expire when they are full again', async () => {
    const prefix = randomId()
    const [first, second] = [await ready(await connected(prefix)), await ready(await connected(prefix))]
    expect(await first.take('address:10.0.0.1', 6, SLOW)).toBe(0)
    expect(await second.take('address:10.0.0.1', 1, SLOW)).toBeGreaterThan(0)
    await first.take('quick', 1, { perSecond: 1000, burst: 1 })
    const plain = new Redis(redis().url)
    await eventually(
      () => plain.keys(`${prefix}:*`),
      (keys) => keys.join() === `${prefix}:rate:address:10.0.0.1`,
    )
    expect(await plain.pttl(`${prefix}:rate:address:10.0.0.1`)).toBeGreaterThan(5_000_000)
    for (const client of [first, second]) client.close()
    plain.disconnect()
  })
})

describe('while Redis does not answer', () => {
  const redis = redisForTests()

  it('each process counts for itself, reports that, and shares again when Redis is back', async () => {
    const clock = new SimulatedClock(0)
    const [alarms, infos]: [string[], string[]] = [[], []]
    const shared = await ready(await RedisRates.connect({ url: redis().url, cluster: false, prefix: randomId() }, () => {}))
    const rates = new RatesWithFallback({ shared, clock, onAlarm: (text) => void alarms.push(text), onInfo: (text) => void infos.push(text) })
    const take = async (): Promise<number> => {
      clock.advanceBy(2_000)
      return await rates.take('a', 6, SLOW)
    }
    expect(await take()).toBe(0)
    expect(await take()).toBeGreaterThan(0)
    const before = alarms.length
    redis().pause()
    // No request is refused because Redis is away: this process begins with a full bucket, and limits as Redis would.
    expect(await take()).toBe(0)
    expect(await take()).toBeGreaterThan(0)
    expect(alarms.slice(before)).toContainEqual(expect.stringMatching(/^Rates are not shared, because Redis does not answer: each process counts for itself/))
    const asked = alarms.length
    // In the pause after a failure Redis is not asked, so that requests do not wait.
    await rates.take('a', 1, SLOW)
    expect(alarms.length).toBe(asked)
    redis().resume()
    await eventually(
      async () => {
        await take()
        return infos.at(-1)
      },
      (info) => info === 'Rates are shared through Redis again.',
    )
    expect(await take()).toBeGreaterThan(0)
    rates.close()
  })
})
