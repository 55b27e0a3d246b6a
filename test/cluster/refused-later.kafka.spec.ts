// What servers refuse while the apps run: each app says what is wrong and what to do, and goes on by itself when it is corrected.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from '../../scripts/build.ts'
import type { AppName, AppProcess } from '../../scripts/local/app-process.ts'
import { freePorts } from '../../scripts/local/free-port.ts'
import type { CertificateOptions } from '../../scripts/local/security/certificates.ts'
import { type HeldRight, withdrawRights } from '../../scripts/local/security/kafka-rights.ts'
import { Trial } from '../faults/trial.ts'
import { TrialServers } from '../faults/trial-servers.ts'
import { proxiedListener } from '../fixtures/broker/proxied-listener.ts'
import { changeScramPassword } from '../fixtures/broker/scram-password.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'
import { validate } from '../fixtures/processes/validation.ts'
import type { TamperingProxy } from '../fixtures/redis/tampering-proxy.ts'

const APPS: readonly AppName[] = ['ingest', 'processor', 'reactor', 'serving']
/** In connections a second, of four apps, each with several clients. A loop without pauses makes thousands. */
const RATE_MAX = 250

/** The first cases; in a long run all. */
const few = <T>(cases: readonly T[], count: number): readonly T[] => (process.env['RONDO_TEST_LONG'] === '1' ? cases : cases.slice(0, count))

let shared: TrialServers
let trial: Trial
let proxy: TamperingProxy
let brokers: Record<string, string>
beforeAll(async () => {
  await build({ onlyIfStale: true })
  shared = await TrialServers.start(true)
  const keystore = shared.broker.users?.certificateOf('listener', {})
  proxy = await proxiedListener(shared.broker, keystore)
  brokers = { RONDO_BROKERS: `127.0.0.1:${proxy.port}` }
  trial = await Trial.begin(shared, 1, { ingest: 0, processor: 0, serving: 0 })
  await Promise.all(APPS.map((app) => trial.start(app, 1, brokers)))
})
afterAll(async () => {
  await trial?.end()
  proxy?.close()
  await shared?.end()
})

const only = (app: AppName): AppProcess => trial.of(app)[0] as AppProcess
const reasonOf = async ({ url }: Pick<AppProcess, 'url'>): Promise<string> =>
  ((await (await fetch(`${url}/v1/health/ready`)).json()) as { reason?: string }).reason ?? ''
const reasons = (): Promise<string[]> => Promise.all(APPS.map((app) => reasonOf(only(app))))
const allReady = (): Promise<string[]> => eventually(reasons, (found) => found.every((reason) => reason === ''))
const untilReason = (app: AppName, pattern: RegExp): Promise<string> =>
  eventually(
    () => reasonOf(only(app)),
    (reason) => pattern.test(reason),
  )
/** What `--validate` says first, and whether any text has a secret. */
async function firstDefect(app: AppName): Promise<string | undefined> {
  const { defects, output } = await validate(app, { ...trial.environmentOf(app), ...brokers })
  expect(shared.secrets.filter((secret) => output.includes(secret))).toEqual([])
  return defects[0]
}

describe('a right that is taken away while the apps run', () => {
  const topic = (holder: AppName, name: string, ...operations: HeldRight['right']['operations']): HeldRight => ({
    holder,
    right: { resource: 'Topic', name: `${trial.settings.prefix}${name}`, isPrefix: false, operations },
  })
  const all = ['Read', 'Write', 'Describe', 'DescribeConfigs'] as const
  const transactions = (): HeldRight => ({
    holder: 'processor',
    right: { resource: 'TransactionalId', name: `${trial.settings.group}/${trial.settings.prefix}activity/`, isPrefix: true, operations: ['Write'] },
  })

  const rights: [AppName, string, () => HeldRight, RegExp][] = [
    ['ingest', 'to write the log', () => topic('ingest', 'activity', 'Write'), /lacks the right Write on the topic \S+\.activity \(.*rondo kafka acls/],
    ['processor', 'to commit', transactions, /lacks a right on a transactional id.*--validate names each missing right/],
    [
      'reactor',
      'to see what it follows',
      () => topic('reactor', 'transitions', ...all),
      /lacks the rights Read, Describe, DescribeConfigs on the topic \S+\.transitions/,
    ],
    [
      'serving',
      'to compare a topic',
      () => topic('serving', 'transitions', 'DescribeConfigs'),
      /lacks the right DescribeConfigs on the topic \S+\.transitions/,
    ],
    [
      'processor',
      'to see checkpoints',
      () => topic('processor', 'checkpoints', ...all),
      /lacks the rights Read, Write, Describe.* on the topic \S+\.checkpoints/,
    ],
  ]

  it.each(few(rights, 3))('is named by the %s, which may no longer use it %s, and which is ready again when it has it', async (app, _, right, pattern) => {
    await allReady()
    await withdrawRights(trial.settings, [right()])
    try {
      expect(await untilReason(app, pattern)).not.toContain('deleted')
      expect(await firstDefect(app)).toMatch(/^RONDO_RIGHT_MISSING /)
    } finally {
      await trial.prepare()
    }
    await allReady()
  })
})

const expired: CertificateOptions = { expired: true }
const otherHost: CertificateOptions = { names: 'DNS:elsewhere.example' }

describe('a certificate that a server has from its next start on', () => {
  /** The broker starts again with this certificate. */
  async function restartBroker(options: CertificateOptions): Promise<void> {
    shared.broker.users?.certificateOf('listener', options)
    await shared.broker.stop()
    await shared.broker.start()
  }

  const ofKafka: [string, CertificateOptions, RegExp][] = [
    ['has expired', expired, /certificate of the server has expired\. Renew that certificate/],
    [
      'is for another host',
      otherHost,
      /certificate of the server is for other names than the one that was asked for\. Use a name of the certificate in RONDO_BROKERS/,
    ],
  ]

  it.each(few(ofKafka, 1))('of Kafka and %s is named by all apps, which are ready again with another one', async (_, options, pattern) => {
    await allReady()
    try {
      await restartBroker(options)
      const [connections, since] = [proxy.connections, performance.now()]
      for (const app of APPS) await untilReason(app, pattern)
      expect(await firstDefect('ingest')).toMatch(/^RONDO_CERTIFICATE_REFUSED /)
      expect(((proxy.connections - connections) * 1000) / (performance.now() - since)).toBeLessThan(RATE_MAX)
    } finally {
      await restartBroker({})
    }
    await allReady()
  })

  /** Redis starts again with this certificate. */
  async function restartRedis(options: CertificateOptions): Promise<void> {
    await shared.redis.kill()
    shared.redis.users?.renewCertificate(options)
    await shared.redis.start()
  }

  const ofRedis: [string, CertificateOptions, RegExp][] = [
    ['has expired', expired, /certificate of the server has expired\. Renew that certificate/],
    [
      'is for another host',
      otherHost,
      /certificate of the server is for other names than the one that was asked for\. Use a name of the certificate in RONDO_REDIS/,
    ],
  ]

  it.each(few(ofRedis, 1))('of Redis and %s is named by serving, which is ready again with another one', async (_, options, pattern) => {
    await allReady()
    try {
      await restartRedis(options)
      await untilReason('serving', pattern)
      expect(await firstDefect('serving')).toMatch(/^RONDO_CERTIFICATE_REFUSED /)
    } finally {
      await restartRedis({})
    }
    await allReady()
  })
})

describe('a secret that is changed while the apps run', () => {
  it.each<AppName>(['ingest'])('is used by the %s from its restart on; before, it goes on with its connections, and a new process is refused', async (app) => {
    await allReady()
    const login = shared.broker.loginOf(app)
    const changed = `changed-${app}-by-the-operator`
    await changeScramPassword(shared.broker, login, changed)
    expect(await reasonOf(only(app))).toBe('')
    expect((await post(`${only('ingest').url}/v1/track`, { event: 'Beat', userId: 'u', messageId: `after-${app}` })).status).toBe(200)
    expect(await firstDefect(app)).toMatch(/^RONDO_LOGIN_REFUSED .*Correct RONDO_KAFKA_SASL, RONDO_KAFKA_USER and the password/)
    await trial.retire(only(app))
    const next = trial.launch(app, brokers)
    await eventually(
      () => next.output,
      (output) => output.includes('RONDO_LOGIN_REFUSED'),
    )
    expect(next.hasEnded).toBe(false)
    // It reads the file again at its next attempt.
    writeFileSync(login['RONDO_KAFKA_PASSWORD_FILE'] ?? '', `${changed}\n`)
    await next.ready()
    expect(next.output).not.toContain(changed)
    expect([trial.defects, trial.shownSecrets]).toEqual([[], []])
  })

  it('and a token that the brokers refuse is named by the reactor, which is ready when the file has another one', async () => {
    const file = shared.broker.loginOf('reactor')['RONDO_KAFKA_TOKEN_FILE'] ?? ''
    const good = readFileSync(file, 'utf8')
    const refused = good.replace(/^[^.]+/, Buffer.from('{"alg":"HS256"}').toString('base64url'))
    writeFileSync(file, refused)
    await trial.retire(only('reactor'))
    const [port = 0] = await freePorts(1)
    const next = trial.launch('reactor', { ...brokers, RONDO_PORT: String(port) })
    await eventually(
      () => next.output,
      (output) => /RONDO_LOGIN_REFUSED/.test(output),
    )
    expect(await firstDefect('reactor')).toMatch(/^RONDO_LOGIN_REFUSED /)
    expect(await reasonOf({ url: `http://127.0.0.1:${port}` })).toMatch(/refuse the login.*Correct RONDO_KAFKA_SASL.* token/)
    writeFileSync(file, good)
    await next.ready()
    expect([good, refused].filter((token) => next.output.includes(token))).toEqual([])
    expect([trial.defects, trial.shownSecrets]).toEqual([[], []])
  })
})
