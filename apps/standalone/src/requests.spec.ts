import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { TestServer } from '../../../test/fixtures/http/test-server.ts'
import { rondo } from '../../../test/fixtures/processes/command-in-process.ts'

let testServer: TestServer
beforeEach(async () => {
  testServer = new TestServer()
  await testServer.open(false)
})
afterEach(() => testServer.close())

async function send(method: string, path: string, { body, headers = {} }: { body?: string; headers?: Record<string, string> } = {}) {
  const answer = await fetch(`${testServer.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  return { status: answer.status, text, code: answer.ok ? undefined : String(JSON.parse(text)['code']) }
}

describe('refused events', () => {
  beforeEach(async () => {
    for (const messageId of ['m1', 'm2']) await send('POST', '/v1/track', { body: JSON.stringify({ userId: 'u1', messageId }) })
  })

  it('have in an export the ids by which they are shown and discarded, and the ids of their copies beside', async () => {
    const { text } = await send('GET', '/v1/quarantine', { headers: { accept: 'application/x-ndjson' } })
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    expect(lines).toMatchObject([
      { id: 'a-1', copyId: expect.stringMatching(/^[\w-]{22}$/), state: 'open', code: 'RONDO_EVENT_INVALID' },
      { id: 'a-2', copyId: expect.stringMatching(/^[\w-]{22}$/), state: 'open', code: 'RONDO_EVENT_INVALID' },
    ])
    expect((await rondo('quarantine', 'export', '--url', testServer.url)).output).toBe(text)
    for (const { id, raw } of lines) expect(JSON.parse((await send('GET', `/v1/quarantine/${id}`)).text)).toMatchObject({ id, record: { raw } })
    const discarded = await send('POST', '/v1/quarantine/discard', { body: JSON.stringify({ ids: lines.map(({ id }) => id) }) })
    expect([discarded.status, JSON.parse(discarded.text)]).toEqual([200, expect.objectContaining({ tried: 2 })])
  })

  it.each(['a-0', 'l-0', 'a-00', 'a-01', 'a-3', 'a--1', '0', '0-0', 'x'])('with the id %s do not exist', async (id) => {
    expect(await send('GET', `/v1/quarantine/${id}`)).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
    expect(await send('POST', '/v1/quarantine/discard', { body: JSON.stringify({ ids: [id] }) })).toMatchObject({ status: 404, code: 'RONDO_NOT_FOUND' })
  })
})

describe('a request without a body', () => {
  it('is refused with one, and nothing is done', async () => {
    await testServer.keys.create({ role: 'admin', name: 'ann' }, 'command')
    const { id } = (await testServer.keys.create({ role: 'write', name: 'shop' }, 'command')).key
    await send('PUT', '/v1/plan/events', { body: '{"event":"Visit","schema":{}}' })
    const paths = [
      ['POST', `/v1/keys/${id}/rotate`],
      ['DELETE', `/v1/keys/${id}`],
      ['DELETE', '/v1/plan/events?event=Visit'],
      ['POST', '/v1/backfills/x/end'],
    ] as const
    const count = testServer.acts.all.length
    for (const [method, path] of paths) {
      for (const body of ['{"overlap":"1h"}', 'overlap=1h', '[]', '{']) {
        const { status, code, text } = await send(method, path, { body })
        expect([path, body, status, code, text]).toEqual([path, body, 400, 'RONDO_ARGUMENT_INVALID', expect.stringContaining('takes no body')])
      }
    }
    expect(testServer.acts.all).toHaveLength(count)
    expect((await send('POST', `/v1/keys/${id}/rotate?overlap=1h`, { body: ' {} ' })).status).toBe(200)
    expect(await send('POST', `/v1/keys/${id}/rotate`)).toMatchObject({ status: 409, code: 'RONDO_KEY_ENDED' })
    expect((await send('DELETE', '/v1/plan/events?event=Visit', { body: '' })).status).toBe(200)
  })
})

it('a contract may have limits of 64 bits, which stay numbers', async () => {
  const schema = '{"properties":{"properties":{"properties":{"total":{"type":"integer","maximum":9223372036854775807}}}}}'
  expect((await send('PUT', '/v1/plan/events', { body: `{"event":"Visit","mode":"enforce","schema":${schema}}` })).status).toBe(200)
  expect((await send('PUT', '/v1/plan/events', { body: `{"event":"Visit","mode":"enforce","schema":${schema}}` })).text).toContain('"version":1')
  const shown = JSON.parse((await send('GET', '/v1/plan/events?event=Visit')).text)
  expect(JSON.stringify(shown)).toContain(JSON.stringify(JSON.parse(schema)))
  const track = (total: unknown) => send('POST', '/v1/track', { body: JSON.stringify({ event: 'Visit', userId: 'u1', properties: { total } }) })
  expect([(await track(7)).status, (await track(7.5)).status]).toEqual([200, 400])
})

it.each(['{"schema":', '{"event":"Visit","schema":1}', '{"event":"Visit","schema":null}', '{"event":"Visit","schema":[1]}', 'null', '7'])(
  'a contract that is no object is refused: %s',
  async (body) => {
    expect((await send('PUT', '/v1/plan/events', { body })).status).toBe(400)
  },
)
