import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

const CUSTOMERS = ['ann', 'bob', 'cyd', 'dan']
const HOUR = 3_600_000
const REPAIR = { map: { actor: 'properties.customer' } }

interface Outcomes {
  readonly tried: number
  readonly accepted: number
  readonly late: number
  readonly receipt?: string
}

describe('refused events on Kafka', () => {
  const home = temporaryFolder()
  let cluster: LocalCluster
  beforeAll(async () => {
    cluster = await LocalCluster.start({
      folder: home.path,
      definition: join(root, 'deploy/cycles/shopper.yaml'),
      partitions: 2,
      counts: { ingest: 2, processor: 1, serving: 1 },
    })
  })
  afterAll(async () => {
    await cluster.stop()
    home[Symbol.dispose]()
  })

  const urlOf = (app: 'ingest' | 'serving', of = 0): string => cluster.of(app)[of]?.url ?? ''
  const get = async <T>(path: string): Promise<T> => (await fetch(`${urlOf('serving')}${path}`)).json() as Promise<T>
  const ask = async (url: string, what: string): Promise<Outcomes> =>
    (await post(`${url}/v1/quarantine/${what}`, { ...(what === 'replay' ? { all: true } : { filter: {} }), repair: REPAIR })).body as unknown as Outcomes

  it('are previewed by the grace of the fold in serving, replayed once by two ingest processes at once, and change the histories', async () => {
    const at = new Date(Date.now() - 1000).toISOString()
    const old = new Date(Date.now() - 400 * 24 * HOUR).toISOString()
    const call = (customer: string, timestamp: string) => ({
      type: 'track',
      event: 'Order Completed',
      messageId: customer,
      properties: { customer, cds: 1, dollars: 12 },
      timestamp,
    })
    const batch = [...CUSTOMERS.map((customer) => call(customer, at)), call('old', old)]
    expect((await post(`${urlOf('ingest')}/v1/batch`, { batch })).body['accepted']).toBe(0)
    // What is late is known when the processor has committed a position in both partitions.
    await Promise.all(
      ['x', 'y', 'z', 'w'].map((userId) => post(`${urlOf('ingest', 1)}/v1/track`, { event: 'Order Completed', userId, properties: { cds: 1, dollars: 12 } })),
    )
    const preview = await eventually(
      () => ask(urlOf('serving'), 'preview'),
      ({ late }) => late === 1,
    )
    expect(preview).toMatchObject({ tried: 5, accepted: 4, late: 1 })
    const reports = await Promise.all([0, 1].map((of) => ask(urlOf('ingest', of), 'replay')))
    const last = await ask(urlOf('ingest'), 'replay')
    expect([...reports, last].reduce((sum, { accepted }) => sum + (accepted ?? 0), 0)).toBe(CUSTOMERS.length)
    for (const customer of CUSTOMERS) {
      const { history } = await eventually(
        () => get<{ history?: { output: { at: string; seq: number } }[] }>(`/v1/actors/user/${customer}`),
        (found) => found.history !== undefined,
      )
      expect([customer, history?.at(-1)?.output]).toMatchObject([customer, { at, seq: 1 }])
    }
    const { items } = await get<{ items: { record: { raw: string } }[] }>('/v1/quarantine')
    expect(items.map(({ record }) => JSON.parse(record.raw))).toMatchObject([{ messageId: 'old' }])
    const receipts = await get<{ items: { kind: string; count: number }[] }>('/v1/quarantine/receipts')
    expect(receipts.items.reduce((sum, { count }) => sum + count, 0)).toBe(CUSTOMERS.length)
    expect((await post(`${urlOf('serving')}/v1/quarantine/replay`, { all: true })).status).toBe(405)
  })
})
