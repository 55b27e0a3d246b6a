import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { defectsOf } from '../run-app.ts'
import { helpText, readConfiguration } from './configuration.ts'
import { kafkaSecurityOf, securitySettings } from './kafka-security.ts'
import { redisAddressSetting, redisServerOf, redisServerSettings } from './redis-server.ts'

const home = temporaryFolder()
afterAll(() => home[Symbol.dispose]())
const file = (name: string, text: string): string => {
  const path = join(home.path, name)
  writeFileSync(path, text)
  return path
}
const settings = { ...securitySettings, redis: redisAddressSetting('where'), ...redisServerSettings }
const read = (variables: Record<string, string>, args: string[] = []) =>
  readConfiguration(settings, args, (name) => ({ RONDO_REDIS: 'redis://cache', ...variables })[name] || undefined)
const defects = (variables: Record<string, string>): string[] => defectsOf(read(variables)).map(({ code, message }) => `${code} ${message}`)

const certificate = file('ca.pem', '-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n')
const login = { RONDO_KAFKA_SASL: 'scram-sha-512', RONDO_KAFKA_USER: 'rondo', RONDO_KAFKA_PASSWORD: 'top-secret-1' }

describe('the settings of TLS and logins', () => {
  it('give neither by default', () => {
    const { configuration } = read({})
    expect(configuration && kafkaSecurityOf(configuration)).toBe(undefined)
  })

  it.each([
    login,
    { ...login, RONDO_KAFKA_SASL: 'plain', RONDO_KAFKA_TLS: 'yes', RONDO_KAFKA_CA_FILE: certificate },
    { RONDO_KAFKA_SASL: 'oauthbearer', RONDO_KAFKA_TOKEN_FILE: file('token', 'a.b.c') },
    { RONDO_KAFKA_SASL: 'oauthbearer', RONDO_KAFKA_TOKEN_MODULE: '/app/token.mjs' },
    { RONDO_REDIS: 'rediss://cache', RONDO_REDIS_CA_FILE: certificate, RONDO_REDIS_USER: 'rondo', RONDO_REDIS_PASSWORD: 'x' },
  ])('accept %j', (variables) => {
    expect(defects(variables)).toEqual([])
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['a mechanism that does not exist', { RONDO_KAFKA_SASL: 'gssapi' }, /RONDO_KAFKA_SASL: expected one of none, plain/],
    ['a login without a password', { RONDO_KAFKA_SASL: 'plain', RONDO_KAFKA_USER: 'a' }, /needs RONDO_KAFKA_USER, and RONDO_KAFKA_PASSWORD/],
    ['a password without a mechanism', { RONDO_KAFKA_PASSWORD: 'top-secret-1' }, /but RONDO_KAFKA_SASL is not/],
    ['a token without its source', { RONDO_KAFKA_SASL: 'oauthbearer' }, /needs either RONDO_KAFKA_TOKEN_FILE or RONDO_KAFKA_TOKEN_MODULE/],
    ['a password and its file', { ...login, RONDO_KAFKA_PASSWORD_FILE: certificate }, /RONDO_KAFKA_PASSWORD and RONDO_KAFKA_PASSWORD_FILE are both set/],
    [
      'a file that does not exist',
      { RONDO_KAFKA_PASSWORD_FILE: '/nowhere' },
      /RONDO_KAFKA_PASSWORD_FILE: the file \/nowhere cannot be used: there is no such file/,
    ],
    ['a certificate that is none', { RONDO_KAFKA_TLS: 'yes', RONDO_KAFKA_CA_FILE: file('not.pem', 'x') }, /RONDO_SECRET_UNREADABLE .*BEGIN CERTIFICATE/],
    ['a certificate without TLS', { RONDO_KAFKA_CA_FILE: certificate }, /RONDO_KAFKA_TLS is not yes/],
    ['half a certificate', { RONDO_KAFKA_TLS: 'yes', RONDO_KAFKA_CERT_FILE: certificate }, /need each other/],
    ['a certificate of Redis without TLS', { RONDO_REDIS_CA_FILE: certificate }, /does not begin with rediss:\/\//],
    ['two passwords of Redis', { RONDO_REDIS: 'redis://a:top-secret-1@b', RONDO_REDIS_PASSWORD: 'c' }, /RONDO_REDIS_PASSWORD is set too/],
    [
      'an address of Redis in a file that is none',
      { RONDO_REDIS: '', RONDO_REDIS_FILE: file('redis', 'http://a:top-secret-1@b') },
      /^RONDO_ARGUMENT_INVALID RONDO_REDIS_FILE: expected redis:/,
    ],
    ['a wrong address with a password that has slashes', { RONDO_REDIS: 'http://user:top/secret@host' }, /found "http:\/\/…@host"/],
  ])('refuse %s, and show no secret', (_, variables, expected) => {
    const found = defects(variables)
    expect(found).toEqual([expect.stringMatching(expected)])
    expect(found.join()).not.toMatch(/top.secret/)
  })

  it('take secrets from files, and never from arguments', () => {
    const { configuration, defects: none } = read({ RONDO_KAFKA_SASL: 'plain', RONDO_KAFKA_USER: 'a' }, [
      '--kafka-password-file',
      file('password', 'from-a-file\n'),
    ])
    expect([none, configuration?.kafkaPassword?.reveal()]).toEqual([[], 'from-a-file'])
    const { defects: refused } = read({}, ['--kafka-password', 'top-secret-1'])
    expect(refused).toEqual([expect.stringMatching(/^--kafka-password: there is no such setting/)])
    const address = read({ RONDO_REDIS: '', RONDO_REDIS_FILE: file('address', 'rediss://u:p@cache:6380\n') }).configuration
    expect(address && redisServerOf(address).url).toBe('rediss://u:p@cache:6380')
  })

  it('are explained by --help, and printed without secrets', () => {
    expect(helpText('An app.', settings)).toMatch(/RONDO_KAFKA_PASSWORD, RONDO_KAFKA_PASSWORD_FILE, --kafka-password-file +the password of that user\n/)
    expect(inspect(read(login).configuration)).not.toContain('top-secret')
  })
})
