import { describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { redisForTests } from '../../../../test/fixtures/redis/redis-for-tests.ts'
import { redisMetrics } from './redis-metrics.ts'

const server = redisForTests()

describe('the metrics of commands to Redis', () => {
  it('count each command, and as a failure what Redis refused, but not that it does not know a script yet; and failed connections', async () => {
    const registry = new Registry()
    const end = redisMetrics(registry)
    const lineOf = async (name: string) => (await registry.metrics()).split('\n').find((line) => line.startsWith(`${name} `))
    expect(await lineOf('rondo_redis_command_failures_total')).toBe('rondo_redis_command_failures_total 0')
    const redis = new Redis(server().url, { commandTimeout: 500, scripts: { twice: { lua: 'return 2 * ARGV[1]', numberOfKeys: 0 } } }) as Redis & {
      twice(n: number): Promise<number>
    }
    expect(await redis.twice(21)).toBe(42)
    expect(await lineOf('rondo_redis_command_failures_total')).toBe('rondo_redis_command_failures_total 0')
    await redis.set('text', 'a')
    await expect(redis.incr('text')).rejects.toThrow('not an integer')
    server().pause()
    await expect(redis.get('text')).rejects.toThrow('timed out')
    server().resume()
    redis.disconnect()
    expect(await lineOf('rondo_redis_command_failures_total')).toBe('rondo_redis_command_failures_total 2')
    await server().kill()
    const away = new Redis(server().url, { retryStrategy: () => null })
    await expect(away.get('text')).rejects.toThrow()
    expect(await lineOf('rondo_redis_connection_failures_total')).not.toBe('rondo_redis_connection_failures_total 0')
    end()
  })
})
