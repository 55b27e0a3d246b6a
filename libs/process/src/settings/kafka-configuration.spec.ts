import { describe, expect, it } from '@jest/globals'
import { readConfiguration } from './configuration.ts'
import { kafkaSettings, kafkaSettingsOf } from './kafka-configuration.ts'
import { redisAddressSetting } from './redis-server.ts'

const settings = { ...kafkaSettings, redis: redisAddressSetting('where') }
const good = { RONDO_BROKERS: 'a:9092', RONDO_REDIS: 'redis://a' }
const defectsOf = (variables: Record<string, string>) => readConfiguration(settings, [], (name) => ({ ...good, ...variables })[name]).defects

describe('the settings of a deployment', () => {
  it.each([
    { RONDO_SESSION: '1s', RONDO_TRANSACTION: '1s' },
    { RONDO_SESSION: '30m', RONDO_TRANSACTION: '15m' },
    { RONDO_BROKERS: 'a:1,b.example.org:65535' },
    { RONDO_REDIS: 'redis://127.0.0.1:6379' },
    { RONDO_REDIS: 'rediss://user:p,ss@cache.example.org/2' },
    { RONDO_REDIS: 'redis://[::1]:6379' },
    { RONDO_REDIS: 'redis://a:7000,redis://b:7001,c:7002' },
  ])('accept %j', (variables) => {
    expect(defectsOf(variables)).toEqual([])
  })

  it.each(['0s', '999ms', '31m', '365d', '10', 'soon'])('refuse a session of %s', (session) => {
    const bounds = 'expected a duration from 1s to 30m, such as 2m, 10s or 500ms'
    expect(defectsOf({ RONDO_SESSION: session })).toEqual([`RONDO_SESSION: ${bounds}, found "${session}"`])
  })

  it.each(['0s', '16m'])('refuse transactions of %s', (transaction) => {
    const bounds = 'expected a duration from 1s to 15m, such as 2m, 10s or 500ms'
    expect(defectsOf({ RONDO_TRANSACTION: transaction })).toEqual([`RONDO_TRANSACTION: ${bounds}, found "${transaction}"`])
  })

  it.each(['a:0', 'a:99999', 'a:9092,b:65536', 'a', 'a:', ':9092', 'a:9092,', ''])('refuse the brokers %j', (brokers) => {
    const expected = 'expected host:port, or several with commas between them, with ports from 1 to 65535'
    expect(defectsOf({ RONDO_BROKERS: brokers })).toEqual([`RONDO_BROKERS: ${expected}, found "${brokers}"`])
  })

  it.each(['redis://127.0.0.1:999999', 'redis://a:0', 'redis://', 'redis://a b', 'redis://a/cache', 'http://a:6379', 'a:6379', 'redis://a:7000,b:99999'])(
    'refuse the Redis %j',
    (redis) => {
      const expected = 'expected redis://host:port, or rediss:// with TLS, with a port from 1 to 65535'
      expect(defectsOf({ RONDO_REDIS: redis })).toEqual([`RONDO_REDIS: ${expected}, found "${redis}"`])
    },
  )

  it('are refused without showing a password', () => {
    expect(defectsOf({ RONDO_REDIS: 'redis://user:secret@a:0' })).toEqual([expect.stringContaining('found "redis://…@a:0"')])
  })

  it('give a heartbeat interval that allows several lost heartbeats in a session', () => {
    const { configuration } = readConfiguration(settings, ['--session', '3s'], (name) => (good as Record<string, string>)[name])
    // A sixth of the session, and one and a half times the session.
    expect(configuration && kafkaSettingsOf(configuration).times).toMatchObject({ sessionMs: 3000, heartbeatMs: 500, rebalanceMs: 4500 })
  })
})
