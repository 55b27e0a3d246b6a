import { afterAll, beforeAll } from '@jest/globals'
import { RedisServer } from './redis-server.ts'

/** A redis-server for the tests of one file, started before the first and ended after the last. */
export function redisForTests(options: { cluster?: boolean } = {}): () => RedisServer {
  let server: RedisServer | undefined
  beforeAll(async () => {
    server = await RedisServer.start(options)
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  return () => server as RedisServer
}
