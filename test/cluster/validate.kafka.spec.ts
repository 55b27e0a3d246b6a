import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Admin } from 'kafkajs'
import { inspectKafkaLog, KafkaHistory, type KafkaSettings, openKafkaLog } from '#event-log'
import { readKafkaSecurity } from '#process'
import { temporaryFolder } from '#runtime'
import { build } from '../../scripts/build.ts'
import type { AppName } from '../../scripts/local/app-process.ts'
import { Broker } from '../../scripts/local/broker.ts'
import { Authority } from '../../scripts/local/security/certificates.ts'
import { plainClient } from '../fixtures/broker/plain-client.ts'
import { rondo } from '../fixtures/processes/rondo-command.ts'
import { validate } from '../fixtures/processes/validation.ts'
import { RedisServer } from '../fixtures/redis/redis-server.ts'

const definition = join(import.meta.dirname, 'pulse.yaml')
const APPS: readonly AppName[] = ['ingest', 'processor', 'reactor', 'serving']

const securityOf = (login: Readonly<Record<string, string>>) => readKafkaSecurity((name) => login[name] || undefined)

async function withAdmin(broker: Broker, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = plainClient(broker).admin()
  await admin.connect()
  await work(admin).finally(() => admin.disconnect())
}

describe('--validate, on a Kafka and a Redis that check everything', () => {
  const home = temporaryFolder()
  let broker: Broker
  let redis: RedisServer
  const settingsOf = (app: AppName): Record<string, string> => ({
    ...{ ...broker.loginOf(app), RONDO_BROKERS: broker.address, RONDO_PARTITIONS: '1', RONDO_REPLICATION: '1' },
    ...{ ...redis.login, RONDO_REDIS: redis.url, RONDO_DEFINITION: definition, RONDO_SHORT_GRACE: 'yes' },
  })
  beforeAll(async () => {
    await build({ onlyIfStale: true })
    broker = await Broker.start(join(home.path, 'kafka'), { secured: true })
    redis = await RedisServer.start({ secured: true })
    await broker.prepare({ prefix: '', group: 'rondo', partitions: 1, replication: 1, identity: { cycle: 'pulse' } })
    await redis.prepare('rondo')
  })
  afterAll(async () => {
    await Promise.all([broker?.kill(), redis?.kill()])
    home[Symbol.dispose]()
  })

  it.each(APPS)('the %s is accepted with exactly the documented rights', async (app) => {
    expect(await validate(app, settingsOf(app))).toMatchObject({ code: 0, defects: [] })
  })

  it('the processor is warned of a path that no event of the log has, which is no defect', async () => {
    const [settings, path] = [settingsOf('processor'), join(home.path, 'artists.yaml')]
    const text = readFileSync(definition, 'utf8')
    writeFileSync(path, text.replace('actor: user', 'actor: { type: artist, id: properties.artistId }'))
    const writer = (
      await openKafkaLog({
        ...{ brokers: [broker.address], group: 'rondo', partitions: 1, replication: 1, identity: { cycle: 'pulse' } },
        security: broker.users?.administrator,
      })
    ).writer()
    const beat = { type: 'track', event: 'Beat', actor: { type: 'user', id: 'ann' }, time: '2026-01-01T00:00:00.000Z', receivedAt: '2026-01-01T00:00:00.000Z' }
    await writer.append(
      0,
      Array.from({ length: 100 }, (_, number) => `${JSON.stringify({ id: `e${number}`, ...beat })}\n`),
    )
    await writer.close()
    const { code, defects, output } = await validate('processor', { ...settings, RONDO_DEFINITION: path })
    expect({ code, defects }).toEqual({ code: 0, defects: [] })
    expect(output).toMatch(/100 events so far in which the definition reads `properties\.artistId`, and none has a value there/)
  })

  it('the commands read the log and its checkpoints, remove records and see the status with exactly the documented rights', async () => {
    const settings: KafkaSettings = { brokers: [broker.address], group: 'rondo', partitions: 1, replication: 1, identity: { cycle: 'pulse' } }
    const writer = (await openKafkaLog({ ...settings, security: broker.users?.administrator })).writer()
    await writer.append(0, ['{"record":"tick"}\n', '{"record":"tick"}\n'])
    await writer.close()
    const ofCommands = { ...settings, security: securityOf(broker.loginOf('commands')) }
    const history = await KafkaHistory.open(ofCommands)
    try {
      expect(await history.checkpoints(0)).toEqual([{ name: 'checkpoints', checkpoints: [] }])
      const { end } = await history.bounds(0)
      await history.removeBelow([end])
      expect(await history.bounds(0)).toEqual({ begin: end, end })
    } finally {
      await history.close()
    }
    expect(await inspectKafkaLog(ofCommands)).toMatchObject({ partitions: [{ folds: [] }], refused: 0 })
  })

  describe('for the commands, which log in as the apps do', () => {
    const settings = { prefix: 'own-', group: 'rondo', partitions: 1, replication: 1, identity: {} }
    const copied = { ...settings, prefix: 'copy-' }
    const orders = { source: 'orders', topic: 'shop.orders', partitions: [{ partition: 0, offset: '7' }] }
    const byAdministrator = (of: typeof settings) => openKafkaLog({ ...of, ...broker.access })
    const command = (...args: string[]) => rondo([...args, '--brokers', broker.address], { env: broker.loginOf('commands') })
    beforeAll(async () => {
      await broker.prepare(settings)
      await broker.prepare(copied)
      const writer = (await byAdministrator(settings)).writer()
      await writer.append(0, ['{"record":"writer.open","writer":"w","time":"2026-01-01T00:00:00.000Z"}\n'])
      await writer.close()
    })

    it('status, archive, topics and keys have their rights', async () => {
      const place = ['--prefix', 'own-', '--partitions', '1']
      const ofArchive = [...place, '--archive', join(home.path, 'archive')]
      for (const args of [
        ['archive', 'write', ...ofArchive, '--all'],
        ['archive', 'trim', ...ofArchive, '--keep', '0s'],
        ['kafka', 'topics', ...place, '--replication', '1'],
        ['key', 'create', '--role', 'read', '--name', 'ann', '--prefix', 'own-', '--replication', '1'],
      ])
        expect(await command(...args)).toMatchObject({ code: 0 })
      expect(await command('status', '--prefix', 'own-')).toMatchObject({ code: 1, stdout: expect.stringContaining('! No group rondo has folded the log') })
    })

    it('a copy is refused while the position of a source cannot be seen, which is never taken for deleted', async () => {
      await withAdmin(broker, (admin) => admin.createTopics({ topics: [{ topic: orders.topic, numPartitions: 1 }] }))
      await (await byAdministrator(settings)).sourcePositions().write([orders])
      const copy = () => command('repartition', '--prefix', 'own-', '--partitions', '1', '--to-prefix', 'copy-', '--to-partitions', '1', '--replication', '1')
      const refused = await copy()
      expect(refused).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^rondo: The position of the source orders cannot be seen.*\(RONDO_RIGHT_MISSING\)\n$/),
      })
      await broker.prepare(settings, [orders.topic])
      const { code, stderr } = await copy()
      expect([code, stderr]).toEqual([0, expect.stringContaining('The source orders continues in shop.orders at its position: partition 0 at 7.')])
      expect(await (await byAdministrator(copied)).sourcePositions().read()).toEqual([orders])
      // The user could see the group of this source, so its position was deleted.
      const ofCommands = await openKafkaLog({ ...settings, ...broker.access, security: securityOf(broker.loginOf('commands')) })
      expect(await ofCommands.sourcePositions().read(['gone'])).toEqual([orders])
    })
  })

  it.each<[string, AppName, (settings: Record<string, string>) => Record<string, string>, RegExp]>([
    [
      'a wrong password of Kafka',
      'ingest',
      () => ({ RONDO_KAFKA_PASSWORD_FILE: '', RONDO_KAFKA_PASSWORD: 'not-the-password' }),
      /^RONDO_LOGIN_REFUSED .*refuse the login/,
    ],
    [
      'an authority that does not know the brokers',
      'processor',
      () => ({ RONDO_KAFKA_CA_FILE: new Authority(join(home.path, 'other'), 'other').certificate }),
      /^RONDO_CERTIFICATE_REFUSED .*RONDO_KAFKA_CA_FILE/,
    ],
    ['no login where one is needed', 'reactor', () => ({ RONDO_KAFKA_SASL: 'none', RONDO_KAFKA_TOKEN_FILE: '' }), /^RONDO_LOG_UNAVAILABLE .*RONDO_KAFKA_SASL/],
    ['the user of another app', 'processor', () => broker.loginOf('reactor'), /^RONDO_RIGHT_MISSING .*lacks the rights? Read.* on the topic writers/],
    ['another group', 'processor', () => ({ RONDO_GROUP: 'another' }), /^RONDO_RIGHT_MISSING .*on the consumer group another .*\n?/],
    ['topics with other settings', 'reactor', () => ({ RONDO_PARTITIONS: '2' }), /^RONDO_LOG_MISMATCH .*partitions is 1, not 2/],
    ['topics that nobody has made', 'ingest', () => ({ RONDO_PREFIX: 'new-' }), /^RONDO_RIGHT_MISSING /],
    [
      'a wrong password of Redis',
      'serving',
      () => ({ RONDO_REDIS_PASSWORD_FILE: '', RONDO_REDIS_PASSWORD: 'not-the-password' }),
      /^RONDO_LOGIN_REFUSED .*RONDO_REDIS_PASSWORD/,
    ],
    ['keys of Redis that are not its own', 'serving', () => ({ RONDO_REDIS_PREFIX: 'other' }), /^RONDO_RIGHT_MISSING .*RONDO_REDIS/],
  ])('with %s, the %s is refused with what is wrong and what to do, and without secrets', async (_, app, change, expected) => {
    const settings = settingsOf(app)
    const { code, defects, output } = await validate(app, { ...settings, ...change(settings) })
    expect({ code, first: defects[0] }).toEqual({ code: 1, first: expect.stringMatching(expected) })
    for (const secret of [...(broker.users?.secrets ?? []), ...(redis.users?.secrets ?? []), 'not-the-password']) expect(output).not.toContain(secret)
  })
})
