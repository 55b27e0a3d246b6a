import { afterEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../fixtures/eventually.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'

const ADMIN = /first admin key, which is shown only now: (rondo_admin_\w+)/
const { argsOf, start: startWith } = pulseAppsForTests()
const start = (...args: string[]): Promise<RunningApp> => startWith({ args: argsOf(...args) })
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` })

afterEach(() => {
  delete process.env['RONDO_KEY']
})

async function get(url: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  return (await (await fetch(url, { headers })).json()) as Record<string, unknown>
}

describe('refused events of a Rondo with keys', () => {
  it('are listed, previewed, and replayed once into the history of their actors, with a receipt that outlives a kill', async () => {
    const app = await start('--keys', 'required')
    const admin = ADMIN.exec(app.output)?.[1] ?? ''
    const made = await post(`${app.url}/v1/keys`, { role: 'write', name: 'shop', source: 'shop' }, bearer(admin))
    const write = String(made.body['text'])
    const at = new Date(Date.now() - 60_000).toISOString()
    const calls = [
      { type: 'track', event: 'Visit', messageId: 'm1', properties: { customer: 'ann' }, timestamp: at },
      { type: 'track', messageId: 'm2', userId: 'bob', properties: { what: 'Visit' } },
      { type: 'track', event: 'Visit', messageId: 'm3', userId: 'cyd', timestamp: 'yesterday' },
      { type: 'track', event: 'Visit', messageId: 'm4', userId: 'dan' },
    ]
    const sent = await post(`${app.url}/v1/batch`, { writeKey: write, batch: calls })
    expect(sent).toMatchObject({ status: 200, body: { accepted: 1, rejected: [{ index: 0 }, { index: 1 }, { index: 2 }] } })

    const listed = await get(`${app.url}/v1/quarantine`, bearer(admin))
    const [first] = listed['items'] as { id: string; record: { key: string; source: string; raw: string } }[]
    expect(listed['items']).toMatchObject([{ state: 'open' }, { state: 'open', record: { path: 'event' } }, { state: 'open', record: { path: 'timestamp' } }])
    expect(first?.record).toMatchObject({ key: write.split('_')[2], source: 'shop' })
    expect(JSON.stringify(listed)).not.toContain(write)

    const repair = { map: { actor: ['userId', 'properties.customer'], event: ['event', 'properties.what'] } }
    const preview = await post(`${app.url}/v1/quarantine/preview`, { filter: {}, repair }, bearer(admin))
    expect(preview.body).toMatchObject({ tried: 3, accepted: 2, late: 0, refused: 1, reasons: [{ code: 'RONDO_EVENT_INVALID', count: 1 }] })
    const replayed = await post(`${app.url}/v1/quarantine/replay`, { filter: {}, repair }, bearer(admin))
    expect(replayed).toMatchObject({ status: 200, body: { accepted: 2, refused: 1, receipt: expect.any(String) } })
    await app.kill()

    const again = await start('--keys', 'required')
    const receipt = await get(`${again.url}/v1/quarantine/receipts/${String(replayed.body['receipt'])}`, bearer(admin))
    expect(receipt).toMatchObject({ kind: 'replayed', repair, by: admin.split('_')[2], items: [{ event: 'm1' }, { event: 'm2' }] })
    expect(await get(`${again.url}/v1/quarantine/${String(first?.id)}`, bearer(admin))).toMatchObject({ state: 'settled', receipt: receipt['id'] })
    expect((await post(`${again.url}/v1/quarantine/replay`, { filter: {}, repair }, bearer(admin))).body).toMatchObject({ tried: 1, accepted: 0, refused: 1 })
    const history = async () => (await get(`${again.url}/v1/actors/user/ann`, bearer(admin)))['history'] as { output: { at: string; to: string } }[] | undefined
    const transitions = await eventually(history, (found) => found !== undefined && found.length > 0)
    expect(transitions?.at(-1)?.output).toMatchObject({ at, to: 'here' })
    const { items } = await get(`${again.url}/v1/audit`, bearer(admin))
    expect(items).toMatchObject([{ kind: 'quarantine-replayed', count: 2, by: admin.split('_')[2] }, { kind: 'key-created' }, { kind: 'key-created' }])
  })
})
