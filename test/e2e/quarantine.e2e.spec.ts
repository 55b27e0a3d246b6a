import { writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../fixtures/eventually.ts'
import { rondo } from '../fixtures/processes/command-in-process.ts'
import { pulseAppsForTests } from '../fixtures/processes/pulse-apps.ts'
import { bearer, post, type RunningApp } from '../fixtures/processes/running-app.ts'

const ADMIN = /first admin key, which is shown only now: (rondo_admin_\w+)/
const { argsOf, path, start: startWith } = pulseAppsForTests()
const start = (...args: string[]): Promise<RunningApp> => startWith({ args: argsOf(...args) })

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
    for (const body of [{}, { repair }, { filter: {} }, { filter: {}, ids: ['a-1'] }, { all: false }]) {
      const refusal = { status: 400, body: { code: 'RONDO_ARGUMENT_INVALID', message: expect.stringMatching(/all: (true|expected)/) } }
      for (const what of ['replay', 'discard']) {
        const { repair: _repair, ...choice } = body as { repair?: object }
        expect(await post(`${app.url}/v1/quarantine/${what}`, what === 'replay' ? body : choice, bearer(admin))).toMatchObject(refusal)
      }
    }
    expect(await get(`${app.url}/v1/quarantine?code=RONDO_EVENT_INVLAID`, bearer(admin))).toMatchObject({
      code: 'RONDO_ARGUMENT_INVALID',
      message: expect.stringContaining('code: there is no error code "RONDO_EVENT_INVLAID"; did you mean RONDO_EVENT_INVALID?'),
    })
    expect(await get(`${app.url}/v1/quarantine?of=dor`, bearer(admin))).toMatchObject({
      message: expect.stringContaining('of: expected one of admission, log.'),
    })
    const replayed = await post(`${app.url}/v1/quarantine/replay`, { all: true, repair }, bearer(admin))
    expect(replayed).toMatchObject({ status: 200, body: { accepted: 2, refused: 1, receipt: expect.any(String) } })
    await app.kill()

    const again = await start('--keys', 'required')
    const receipt = await get(`${again.url}/v1/quarantine/receipts/${String(replayed.body['receipt'])}`, bearer(admin))
    expect(receipt).toMatchObject({ kind: 'replayed', repair, by: admin.split('_')[2], items: [{ event: 'm1' }, { event: 'm2' }] })
    expect(await get(`${again.url}/v1/quarantine/${String(first?.id)}`, bearer(admin))).toMatchObject({ state: 'settled', receipt: receipt['id'] })
    expect((await post(`${again.url}/v1/quarantine/replay`, { all: true, repair }, bearer(admin))).body).toMatchObject({ tried: 1, accepted: 0, refused: 1 })
    const history = async () => (await get(`${again.url}/v1/actors/user/ann`, bearer(admin)))['history'] as { output: { at: string; to: string } }[] | undefined
    const transitions = await eventually(history, (found) => found !== undefined && found.length > 0)
    expect(transitions?.at(-1)?.output).toMatchObject({ at, to: 'here' })
    const { items } = await get(`${again.url}/v1/audit`, bearer(admin))
    expect(items).toMatchObject([{ kind: 'quarantine-replayed', count: 2, by: admin.split('_')[2] }, { kind: 'key-created' }, { kind: 'key-created' }])
  })

  it('are looked at with a read key, and repaired, replayed and discarded with an admin key, by the command', async () => {
    const app = await start('--keys', 'required')
    const admin = ADMIN.exec(app.output)?.[1] ?? ''
    const read = String((await post(`${app.url}/v1/keys`, { role: 'read', name: 'board' }, bearer(admin))).body['text'])
    const calls = ['ann', 'bob', 'cyd'].map((customer, at) => ({
      type: 'track',
      event: 'Visit',
      messageId: `m${at}`,
      properties: { customer, when: '31/12/2026 23:59' },
    }))
    await post(`${app.url}/v1/batch`, { batch: [...calls, { type: 'track', userId: 'dan', messageId: 'm3' }] }, bearer(admin))
    const command = (key: string, ...args: string[]) => {
      process.env['RONDO_KEY'] = key
      return rondo('quarantine', ...args, '--url', app.url)
    }
    const listed = await command(read, 'list')
    expect(listed.output.split('\n').map((line) => line.split(' ')[0])).toEqual(['a-1', 'a-2', 'a-3', 'a-4', ''])
    expect(listed.messages).toMatch(/^rondo: 4 are kept, 0\.0 MB, of at most 256 MB and 30 days\.$/m)
    expect((await command(read, 'show', 'a-4')).output).toContain('event: expected a name')
    expect((await command(read, 'export', '--as', 'raw', '--text', 'bob')).output).toBe(`${JSON.stringify(calls[1])}\n`)

    const repair = path('repair.yaml')
    writeFileSync(repair, 'map: { actor: properties.customer, time: $timestamp }\nset: { properties.day: properties.when }\nremove: [properties.when]\n')
    const preview = await command(read, 'preview', '--repair', repair)
    expect([preview.code, preview.output]).toEqual([
      3,
      expect.stringMatching(/^Of 4: 3 would be accepted, 1 would be refused again\.\n +1 {2}RONDO_EVENT_INVALID {2}actor: expected a value/),
    ])
    expect((await command(read, 'replay', '--all', '--repair', repair)).messages).toContain('RONDO_KEY_SCOPE')
    writeFileSync(path('bad.yaml'), 'map: { who: x }\n')
    expect((await command(admin, 'preview', '--repair', path('bad.yaml'))).messages).toMatch(/repair\.map\.who: there is no such field.*RONDO_ARGUMENT_INVALID/)

    const replayed = await command(admin, 'replay', '--repair', repair, '--text', 'properties')
    expect([replayed.code, replayed.output]).toEqual([0, 'Of 3: 3 were accepted, 0 were refused again.\n'])
    const receipt = /receipt (\S+)/.exec(replayed.messages)?.[1] ?? ''
    expect((await command(read, 'receipt')).output).toMatch(new RegExp(`^${receipt} .* replayed 3, by ${admin.split('_')[2]}$`, 'm'))
    expect(JSON.parse((await command(read, 'receipt', receipt)).output)).toMatchObject({ items: [{ id: 'a-1', event: 'm0' }, { id: 'a-2' }, { id: 'a-3' }] })
    expect((await command(admin, 'discard')).messages).toContain('--all')
    expect((await command(admin, 'discard', '--id', 'a-4')).output).toBe('1 was discarded.\n')
    expect((await command(read, 'list')).output).toBe('')
    await eventually(
      async () => (await get(`${app.url}/v1/actors/user/cyd`, bearer(read)))['stage'],
      (stage) => stage !== undefined,
    )
  })

  it('are kept whatever they are, and within their limit', async () => {
    const app = await start('--quarantine-bytes-max', '200000')
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const bodies = [
      `{"type":"track","event":"\\ud800","userId":"\\udfff","messageId":"\\ud800"}`,
      `{"type":"track","event":"Visit","userId":"u","properties":{"d":${deep}}}`,
      `{"type":"track","event":"Visit","userId":"u","properties":{"n":1e400,"__proto__":{"x":1}}}`,
      `{"type":"track","event":"Visit","userId":"u","properties":{"t":"${'x'.repeat(1_000_000)}"}}`,
      `{"type":"track","event":"Visit","userId":"u","properties":{"t":"${'\\u0000'.repeat(20_000)}"}}`,
      '"text"',
      'null',
    ]
    for (const body of bodies) {
      const { status, body: answer } = await post(`${app.url}/v1/batch`, `{"batch":[${body}]}`)
      expect([body.slice(0, 60), status, answer['accepted']]).toEqual([body.slice(0, 60), 200, 0])
    }
    const { items, usage } = (await get(`${app.url}/v1/quarantine?state=all`)) as { items: { id: string }[]; usage: Record<string, number | object> }
    expect(usage).toMatchObject({ bytesMax: 200_000, records: items.length })
    expect(usage['bytes']).toBeLessThanOrEqual(200_000)
    const preview = await post(`${app.url}/v1/quarantine/preview`, {
      filter: {},
      repair: { map: { actor: { text: 'u' } }, set: { '/__proto__/x': { text: 'y' } } },
    })
    expect(preview).toMatchObject({ status: 200, body: { tried: items.length, refused: items.length } })
    for (let more = 0; more < 4; more++) await post(`${app.url}/v1/batch`, `{"batch":[${bodies[3]}]}`)
    const later = (await get(`${app.url}/v1/quarantine`)) as { items: { id: string }[]; usage: { bytes: number; dropped: { records: number; lastAt: string } } }
    expect(later.usage.dropped.records).toBeGreaterThan(0)
    expect(later.usage.bytes).toBeLessThanOrEqual(200_000)
    expect(later.items.at(-1)?.id).toBe('a-11')
    expect((await fetch(`${app.url}/v1/quarantine/a-1`)).status).toBe(404)
  })
})
