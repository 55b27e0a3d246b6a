import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

const ADMIN = /rondo_admin_[0-9a-f_]+/g

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

  const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })
  const urlOf = (app: 'ingest' | 'serving', of = 0): string => cluster.of(app)[of]?.url ?? ''
  const statusOf = async (key: string): Promise<number> => (await fetch(`${urlOf('serving')}/v1/cycles`, { headers: bearer(key) })).status

  it('one admin key is made and shown once; all processes know the keys that one process makes or revokes, also after restarts', async () => {
    const shown = [...cluster.of('serving'), ...cluster.of('ingest')].flatMap(({ output }) => output.match(ADMIN) ?? [])
    expect(shown.length).toBe(1)
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
    expect(cluster.of('serving')[0]?.output).not.toMatch(ADMIN)
    expect([await statusOf(read.text), await statusOf(write.text)]).toEqual([200, 403])
    await fetch(`${urlOf('ingest')}/v1/keys/${read.key.id}`, { method: 'DELETE', headers: admin })
    await eventually(
      () => statusOf(read.text),
      (status) => status === 401,
    )
  })

  it('an app that other machines reach does not start without keys', async () => {
    const app = cluster.launch('ingest', { RONDO_HOST: '0.0.0.0', RONDO_KEYS: 'optional' })
    await app.ended
    expect([app.child.exitCode, app.output]).toEqual([2, expect.stringContaining('other machines reach 0.0.0.0')])
  })
})
