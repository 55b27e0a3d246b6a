import { describe, expect, it } from '@jest/globals'
import type { Output } from '#contracts'
import { eventually } from '../fixtures/eventually.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { post, type RunningApp } from '../fixtures/processes/running-app.ts'
import { logOf } from '../fixtures/processes/running-import.ts'

const { path: pathOf, argsOf, start } = pulseAppsForTests()
const data = (): string => pathOf('data')
async function feedOf({ url }: RunningApp): Promise<{ output: Output }[]> {
  const feed = (await (await fetch(`${url}/v1/transitions?after=0&limit=1000`)).json()) as { items: { output: Output }[] }
  return feed.items
}

describe('an import over HTTP', () => {
  const time = (row: number): string => new Date(Date.parse('2026-01-01T00:00:00.000Z') + row * 1000).toISOString()
  const rows = ({ first, count }: { first: number; count: number }): string =>
    Array.from({ length: count }, (_, at) =>
      JSON.stringify({
        id: `r${first + at}`,
        type: 'track',
        event: 'Visit',
        actor: { type: 'user', id: `u${first + at}` },
        time: time(first + at),
        receivedAt: time(first + at),
      }),
    ).join('\n')
  const begin = ({ url }: RunningApp, source = 'rows') => post(`${url}/v1/backfills`, { source, firstTime: time(0) })
  const put = ({ url }: RunningApp, id: unknown, first: number, text: string) =>
    post(`${url}/v1/backfills/${id}/rows?first=${first}`, text, { 'content-type': 'application/x-ndjson' })

  it('continues after a kill, imports no row twice, and writes live events after its end', async () => {
    const first = await start()
    const { id } = (await begin(first)).body
    expect((await put(first, id, 0, rows({ first: 0, count: 10 }))).body).toEqual({ rows: 10, rejected: [] })
    await first.kill()
    const app = await start()
    expect((await begin(app)).body).toMatchObject({ id, rows: 10, open: true })
    expect((await put(app, id, 5, rows({ first: 5, count: 10 }))).body).toMatchObject({ rows: 15 })
    expect(await put(app, id, 20, rows({ first: 20, count: 1 }))).toMatchObject({ status: 409, body: { code: 'RONDO_IMPORT_CONFLICT' } })
    expect(await begin(app, 'other rows')).toMatchObject({ status: 409, body: { code: 'RONDO_BACKFILL_BUSY' } })
    const live = post(`${app.url}/v1/track`, { userId: 'live', event: 'Visit', messageId: 'live' })
    expect((await put(app, id, 15, `${rows({ first: 15, count: 1 })}\nnonsense\n${rows({ first: 17, count: 1 })}`)).body).toMatchObject({
      rows: 18,
      rejected: [{ row: 16, code: 'RONDO_ROW_INVALID' }],
    })
    expect((await post(`${app.url}/v1/backfills/${id}/end`, '')).body).toMatchObject({ rows: 18, open: false })
    expect((await post(`${app.url}/v1/backfills/${id}/end`, '')).body).toMatchObject({ rows: 18, open: false })
    expect(await live).toMatchObject({ status: 200 })
    const items = await eventually(
      () => feedOf(app),
      (found) => found.some(({ output }) => output.actor.id === 'live'),
    )
    const entered = items.filter(({ output }) => output.to === 'here' && output.evidence.event !== null)
    expect(entered.map(({ output }) => [output.evidence.event, output.origin])).toEqual([
      ...[...Array(16).keys(), 17].map((row) => [`r${row}`, 'backfill']),
      ['live', 'live'],
    ])
    expect((await begin(app)).body).toMatchObject({ open: false, rows: 18 })
    expect(await begin(app, 'older rows')).toMatchObject({ status: 409, body: { code: 'RONDO_IMPORT_TOO_OLD' } })
  })

  it('accepts live events at any time, also after a stop and a kill and up to the limit, and reports how many were copies', async () => {
    const options = (...more: string[]) => ({ args: argsOf(...more) })
    const live = ({ url }: RunningApp, messageId: string) => post(`${url}/v1/track`, { userId: 'live', event: 'Visit', messageId })
    const heldBytes = async ({ url }: RunningApp) => Number(((await (await fetch(`${url}/v1/health`)).json()) as { heldBytes: number }).heldBytes)
    const metric = async (app: RunningApp, name: string) =>
      Number(
        (await app.metrics())
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      )
    const first = await start(options())
    const { id } = (await begin(first)).body
    await put(first, id, 0, rows({ first: 0, count: 5 }))
    expect(await live(first, 'a')).toMatchObject({ status: 200 })
    expect(await live(first, 'b')).toMatchObject({ status: 200 })
    expect(await first.stop()).toBe(0)
    const second = await start(options())
    expect(await live(second, 'a')).toMatchObject({ status: 200 })
    const held = await heldBytes(second)
    // Three events, each of more than 100 bytes.
    expect(held).toBeGreaterThan(3 * 100)
    expect(await metric(second, 'rondo_held_bytes')).toBe(held)
    await second.kill()
    const third = await start(options('--held-bytes-max', String(held)))
    const full = await fetch(`${third.url}/v1/track`, { method: 'POST', body: JSON.stringify({ userId: 'live', event: 'Visit', messageId: 'c' }) })
    expect([full.status, full.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await metric(third, 'rondo_requests_turned_away_total{code="RONDO_OVERLOADED"}')).toBe(1)
    await put(third, id, 5, rows({ first: 5, count: 5 }))
    await post(`${third.url}/v1/backfills/${id}/end`, '')
    await eventually(
      () => heldBytes(third),
      (bytes) => bytes === 0,
    )
    expect(await live(third, 'c')).toMatchObject({ status: 200 })
    const copies = 'rondo_folded_events_total{cycle="pulse",partition="0",disposition="duplicate"}'
    const applied = 'rondo_folded_events_total{cycle="pulse",partition="0",disposition="applied"}'
    expect(
      await eventually(
        async () => [await metric(third, applied), await metric(third, copies)],
        ([count]) => count === 13,
      ),
    ).toEqual([13, 1])
    expect(await third.stop()).toBe(0)
    const { entries } = logOf(data())
    const events = entries.filter(({ record }) => record === undefined).map((entry) => entry.id)
    expect(events).toEqual([...Array.from({ length: 10 }, (_, row) => `r${row}`), 'a', 'b', 'a', 'c'])
    expect(entries.findIndex(({ id: name }) => name === 'a')).toBeGreaterThan(entries.findIndex(({ record }) => record === 'backfill.end'))
  })
})
