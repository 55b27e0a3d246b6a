import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '../temporary-folder.ts'
import { redisAddresses, redisLogin } from './redis-login.ts'
import { Secret } from './secret.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())

describe('the login to Redis', () => {
  it('comes from the address, which the client then gets without it', () => {
    const url = 'redis://rondo:a%2Fb@one:7000,redis://rondo:a%2Fb@two:7001'
    expect(redisLogin({ url, cluster: true })).toEqual({ username: 'rondo', password: 'a/b' })
    expect(redisAddresses(url)).toEqual(['redis://one:7000', 'redis://two:7001'])
  })

  it('has TLS for rediss:// only, and asks for the name of the server', () => {
    expect(redisLogin({ url: 'redis://cache.example.org', cluster: false })).toEqual({})
    expect(redisLogin({ url: 'rediss://cache.example.org', cluster: false })).toEqual({ tls: { servername: 'cache.example.org' } })
    expect(redisLogin({ url: 'rediss://10.0.0.1', cluster: false })).toEqual({ tls: {} })
  })

  it('has the password that is in the file now, and the last one while the file is missing', () => {
    const file = join(home.path, 'password')
    const failures: string[] = []
    writeFileSync(file, 'before\n')
    const settings = { url: 'redis://cache', cluster: false, user: 'rondo', password: Secret.inFile(file, 'RONDO_REDIS_PASSWORD_FILE') }
    const login = redisLogin(settings, ({ message }) => failures.push(message))
    expect({ ...login }).toEqual({ username: 'rondo', password: 'before' })
    writeFileSync(file, 'after\n')
    expect({ ...login }).toEqual({ username: 'rondo', password: 'after' })
    rmSync(file)
    expect({ ...login }).toEqual({ username: 'rondo', password: 'after' })
    expect(failures).toEqual([expect.stringContaining('RONDO_REDIS_PASSWORD_FILE')])
  })
})
