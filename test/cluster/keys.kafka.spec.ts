import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { type Ended, rondo } from '../fixtures/processes/rondo-command.ts'
import { bearer, post } from '../fixtures/processes/running-app.ts'

const ADMIN = /rondo_admin_[0-9a-f]{12}_[0-9a-f]+/g

describe('the apps on Kafka, where keys are required', () => {
  const home = temporaryFolder()
  let cluster: LocalCluster
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      folder: home.path,
      definition: join(root, 'deploy/cycles/shopper.yaml'),
      partitions: 2,
      counts: { ingest: 2, processor: 1, serving: 1 },
      settings: { RONDO_KEYS: 'required' },
    })
  })
  afterAll(async () => {
    await cluster.stop()
    home[Symbol.dispose]()
  })

  const urlOf = (app: 'ingest' | 'serving', of = 0): string => cluster.of(app)[of]?.url ?? ''
  /** The command with a place on the brokers. */
  const key = (...args: string[]): Promise<Ended> =>
    rondo(['key', ...args, '--brokers', cluster.broker.address, '--replication', '1'], { env: cluster.broker.loginOf('commands') })
  const statusOf = async (key: string): Promise<number> => (await fetch(`${urlOf('serving')}/v1/cycles`, { headers: bearer(key) })).status

  it('one admin key is made and shown once; all processes know the keys that one process makes or revokes, also after restarts', async () => {
    const apps = [...cluster.of('serving'), ...cluster.of('ingest')]
    const shown = apps.flatMap(({ printed }) => printed.match(ADMIN) ?? [])
    expect([shown.length, apps.filter(({ output }) => ADMIN.test(output))]).toEqual([1, []])
    const admin = bearer(shown[0] ?? '')
    const make = async (role: string) => (await post(`${urlOf('ingest')}/v1/keys`, { role, name: role }, admin)).body as { text: string; key: { id: string } }
    const [write, read] = [await make('write'), await make('read')]
    const visit = { event: 'Order Completed', userId: 'u1', messageId: 'm1', properties: { cds: 1, dollars: 2 } }
    await eventually(
      () => post(`${urlOf('ingest', 1)}/v1/track`, visit, bearer(write.text)),
      ({ status }) => status === 200,
    )
    expect(await post(`${urlOf('ingest', 1)}/v1/track`, visit)).toMatchObject({ status: 401, body: { code: 'RONDO_KEY_MISSING' } })
    expect(await post(`${urlOf('ingest', 1)}/v1/track`, visit, bearer(read.text))).toMatchObject({ status: 403 })
    await eventually(
      () => statusOf(read.text),
      (status) => status === 200,
    )
    await cluster.of('serving')[0]?.stop()
    await cluster.launch('serving').ready()
    expect(cluster.of('serving')[0]?.printed).toBe('')
    expect([await statusOf(read.text), await statusOf(write.text)]).toEqual([200, 403])
    await fetch(`${urlOf('ingest')}/v1/keys/${read.key.id}`, { method: 'DELETE', headers: admin })
    await eventually(
      () => statusOf(read.text),
      (status) => status === 401,
    )
  })

  it('of two processes that start at the same time on new topics, one makes and prints the admin key, and both accept it', async () => {
    const settings = { RONDO_PREFIX: 'together-' }
    await cluster.prepare(settings)
    const apps = [cluster.launch('ingest', settings), cluster.launch('ingest', settings)]
    await Promise.all(apps.map((app) => app.ready()))
    const [key = '', ...others] = apps.flatMap(({ printed }) => printed.match(ADMIN) ?? [])
    expect([key, others]).toEqual([expect.stringMatching(ADMIN), []])
    for (const { url } of apps)
      await eventually(
        () => fetch(`${url}/v1/keys`, { headers: bearer(key) }),
        ({ status }) => status === 200,
      )
    const { items } = (await (await fetch(`${apps[0]?.url}/v1/keys`, { headers: bearer(key) })).json()) as { items: { role: string; valid: boolean }[] }
    expect(items.filter(({ role, valid }) => role === 'admin' && valid)).toHaveLength(1)
    await Promise.all(apps.map((app) => app.stop()))
  })

  it('an admin key that the command makes before the first start is the only one, and the topics of the log are made afterwards', async () => {
    await cluster.prepare({ RONDO_PREFIX: 'before-' })
    const made = await key('create', '--role', 'admin', '--name', 'ann', '--prefix', 'before-')
    const app = await cluster.launch('ingest', { RONDO_PREFIX: 'before-' }).ready()
    expect([app.printed, (await fetch(`${app.url}/v1/keys`, { headers: bearer(made.stdout.trim()) })).status]).toEqual(['', 200])
    expect((await key('list', '--prefix', 'before-')).stdout).toMatch(/^\w+ {2}admin {2}no end +ann\n$/)
    await app.stop()
  })

  it('the events of a key are counted by all ingest processes together, and by each for itself while Redis is away', async () => {
    await cluster.prepare({ RONDO_PREFIX: 'rates-' })
    const apps = await Promise.all([1, 2].map(() => cluster.launch('ingest', { RONDO_PREFIX: 'rates-' }).ready()))
    const [first = '', second = ''] = apps.map(({ url }) => url)
    const [admin = ''] = apps.flatMap(({ printed }) => printed.match(ADMIN) ?? [])
    const authorized = (url: string, key: string): Promise<boolean> => fetch(`${url}/v1/keys`, { headers: bearer(key) }).then(({ status }) => status === 200)
    await eventually(
      () => authorized(first, admin),
      (isKnown) => isKnown,
    )
    const { body } = await post(`${first}/v1/keys`, { role: 'write', name: 'slow', eventsPerSecond: 1 }, bearer(admin))
    const headers = { 'content-type': 'application/json', ...bearer(body['text'] as string) }
    const send = (url: string, events: number): Promise<Response> => {
      const batch = Array.from({ length: events }, (_, n) => ({ type: 'track', messageId: `${url}${n}`, userId: 'u', event: 'Beat' }))
      return fetch(`${url}/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ batch }) })
    }
    // The bucket is not empty, so it gives more than it has: then it is in debt for minutes.
    expect((await send(first, 500)).status).toBe(200)
    const refused = await eventually(
      () => send(second, 1),
      ({ status }) => status !== 401,
    )
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60)
    expect(await apps[1]?.metrics()).toContain('rondo_requests_turned_away_total{code="RONDO_RATE_LIMITED"} 1')
    await cluster.redis.stop()
    expect((await send(second, 500)).status).toBe(200)
    expect((await send(second, 1)).status).toBe(429)
    expect(apps[1]?.output).toContain('Rates are not shared, because Redis does not answer')
    await Promise.all(apps.map((app) => app.stop()))
  })

  it('a lost admin key is replaced by the command on the brokers, and processes that run accept the new one', async () => {
    const made = await key('create', '--role', 'admin', '--name', 'found')
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(ADMIN)])
    const admin = bearer(made.stdout.trim())
    await eventually(
      () => fetch(`${urlOf('serving')}/v1/keys`, { headers: admin }),
      ({ status }) => status === 200,
    )
    const { items } = (await (await fetch(`${urlOf('serving')}/v1/audit`, { headers: admin })).json()) as { items: unknown[] }
    expect(items[0]).toMatchObject({ kind: 'key-created', by: 'offline', key: { role: 'admin', name: 'found' } })
  })

  it('an app that other machines reach does not start without keys', async () => {
    const app = cluster.launch('ingest', { RONDO_HOST: '0.0.0.0', RONDO_KEYS: 'optional' })
    await app.ended
    expect([app.child.exitCode, app.output]).toEqual([2, expect.stringContaining('other machines reach 0.0.0.0')])
  })
})
