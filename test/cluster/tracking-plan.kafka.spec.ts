import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { temporaryFolder } from '#runtime'
import { LocalCluster } from '../../scripts/local/local-cluster.ts'
import { root } from '../../scripts/root.ts'
import { eventually } from '../fixtures/eventually.ts'
import { post } from '../fixtures/processes/running-app.ts'

const home = temporaryFolder()
let cluster: LocalCluster
beforeAll(async () => {
  const counts = { ingest: 2, processor: 1, serving: 1 }
  cluster = await LocalCluster.start({ folder: home.path, definition: join(root, 'deploy/cycles/shopper.yaml'), partitions: 2, counts })
})
afterAll(async () => {
  await cluster.stop()
  home[Symbol.dispose]()
})

const urlOf = (app: 'ingest' | 'serving', of = 0): string => cluster.of(app)[of]?.url ?? ''
const visit = (id: number, properties: object) => ({ type: 'track', event: 'Visit', userId: `u${id}`, messageId: `m${id}`, properties })
const contract = (mode: string) => JSON.stringify({ event: 'Visit', mode, schema: { properties: { properties: { required: ['page'] } } } })
const put = (mode: string, of: number) => fetch(`${urlOf('ingest', of)}/v1/plan/events`, { method: 'PUT', body: contract(mode) })

interface Names {
  readonly partitions: { readonly known: number; readonly all: number }
  readonly items: readonly {
    readonly event: string
    readonly events: number
    readonly defects: number
    readonly samples: readonly { readonly events: number }[]
  }[]
}
const names = async (): Promise<Names> => (await (await fetch(`${urlOf('serving')}/v1/event-names`)).json()) as Names
const counted = (events: number) => eventually(names, ({ items }) => items.reduce((sum, item) => sum + item.events, 0) >= events)

it('all ingest processes follow a change of the plan, and the names of all partitions are counted once each, also after a kill of the processor', async () => {
  expect((await put('observe', 0)).status).toBe(200)
  // The other process reads the change within two seconds; from then on both mark defects.
  await eventually(
    async () => (await fetch(`${urlOf('ingest', 1)}/v1/plan`)).json(),
    (plan) => (plan as { items: unknown[] }).items.length === 1,
  )
  for (const index of [0, 1]) {
    const batch = Array.from({ length: 20 }, (_, n) => visit(20 * index + n, n % 2 === 0 ? { page: 'a' } : {}))
    expect(await post(`${urlOf('ingest', index)}/v1/batch`, { batch })).toMatchObject({ status: 200, body: { accepted: 20, rejected: [] } })
  }
  const first = await counted(40)
  expect(first).toMatchObject({ partitions: { known: 2, all: 2 }, items: [{ event: 'Visit', events: 40, defects: 20, samples: [{ events: 20 }] }] })

  await cluster.of('processor')[0]?.kill()
  await cluster.launch('processor').ready()
  expect((await put('enforce', 1)).status).toBe(200)
  const refusal = await eventually(
    () => post(`${urlOf('ingest', 0)}/v1/track`, visit(99, {})),
    ({ status }) => status !== 200,
  )
  expect(refusal).toMatchObject({ status: 400, body: { code: 'RONDO_EVENT_AGAINST_PLAN' } })
  expect(await post(`${urlOf('ingest', 0)}/v1/track`, visit(100, { page: 'b' }))).toMatchObject({ status: 200 })
  const after = await eventually(names, ({ items }) => (items[0]?.events ?? 0) - (items[0]?.defects ?? 0) >= 21)
  // Until the process knew the new version, it may have stored the same event some times more, each with its defect.
  expect((after.items[0]?.events ?? 0) - (after.items[0]?.defects ?? 0)).toBe(21)
})
