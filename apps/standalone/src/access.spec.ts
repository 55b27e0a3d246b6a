import { type IncomingHttpHeaders, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { KeyRole } from '#contracts'
import { type Route, TestServer } from '../../../test/fixtures/http/test-server.ts'

/** The answer to a request of the test. */
interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

let testServer: TestServer
beforeEach(() => {
  testServer = new TestServer()
})
afterEach(() => testServer.close())

function send(method: string, path: string, { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${testServer.url}${path}`, { method, headers }, (response) => {
      // A live stream has no end: its head is the answer.
      if (response.headers['content-type']?.startsWith('text/event-stream') === true) {
        response.destroy()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: {} })
      }
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: jsonOf(Buffer.concat(chunks).toString()) }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function jsonOf(text: string): Record<string, unknown> {
  return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
}

/** The keys (write, read, admin) that open a route of each role. */
const opensTo: Readonly<Record<string, string>> = { none: 'none', write: '+-+', read: '-++', admin: '--+' }

/** The routes of the served OpenAPI document, with the role that each declares. */
async function declared(): Promise<(Route & { readonly role: string })[]> {
  const { paths } = (await send('GET', '/openapi.json')).body as { paths: Record<string, Record<string, { 'x-rondo-role': string }>> }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { 'x-rondo-role': role }]) => ({ method: method.toUpperCase(), url: path.replaceAll(/\{(\w+)\}/g, ':$1'), role })),
  )
}

const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` })
const keyOf = async (role: KeyRole, more: object = {}): Promise<string> => (await testServer.keys.create({ role, name: role, ...more }, 'command')).text
const track = (more: object = {}): string => JSON.stringify({ event: 'Visit', userId: 'u1', messageId: 'm1', ...more })

describe('where keys are required', () => {
  beforeEach(() => testServer.open(true))

  const pathOf = ({ url }: Route): string => url.replaceAll(':cycle', 'shopper').replaceAll(/:\w+/g, 'x')

  it('the served OpenAPI document has all routes, and no other', async () => {
    const served = (await declared()).map(({ method, url }) => `${method} ${url}`)
    const registered = testServer.routes.filter(({ method }) => method !== 'HEAD').map(({ method, url }) => `${method} ${url}`)
    expect(served.toSorted()).toEqual(registered.toSorted())
  })

  it('each route refuses requests without a key or with a key of another role, and accepts a key of the role that it declares', async () => {
    const texts: Record<KeyRole, string> = { write: await keyOf('write'), read: await keyOf('read'), admin: await keyOf('admin') }
    const roles = new Map((await declared()).map(({ url, method, role }) => [`${method} ${url}`, role]))
    const opened: Record<string, string> = {}
    const wrong: string[] = []
    for (const route of testServer.routes) {
      const name = `${route.method} ${route.url}`
      const without = await send(route.method, pathOf(route))
      // The key is checked before anything is looked for. Files that only a build makes are missing here.
      if (without.status < 400 || without.status === 404) opened[name] = 'none'
      else expect([route, without.status, without.headers['www-authenticate']]).toEqual([route, 401, expect.stringContaining('Basic')])
      const statuses = await Promise.all(
        Object.values(texts).map(async (text) => (await send(route.method, pathOf(route), { headers: bearer(text) })).status === 403),
      )
      opened[name] ??= statuses.map((isClosed) => (isClosed ? '-' : '+')).join('')
      const role = roles.get(name.replace(/^HEAD/, 'GET')) ?? 'missing in openapi.json'
      if (opened[name] !== opensTo[role]) wrong.push(`${name} is opened by ${opened[name]} (write, read, admin key), but its @Requires says ${role}.`)
    }
    expect(wrong).toEqual([])
    const rolesOf = (pattern: RegExp): string[] => [...new Set(Object.entries(opened).flatMap(([route, roles]) => (pattern.test(route) ? [roles] : [])))]
    expect(testServer.routes.length).toBeGreaterThan(80)
    expect(rolesOf(/^(GET|HEAD) \/v1\/health/)).toEqual(['none'])
    expect(rolesOf(/ \/v1\/(backfills|keys|audit)/)).toEqual(['--+'])
    expect(rolesOf(/^POST \/(v1\/(batch|b|import|cloudevents|track|t|identify)|batch|capture|e|i\/v0\/e|ce|api\/.*)$/)).toEqual(['+-+'])
    expect(rolesOf(/^POST \/v1\/quarantine\/preview$/)).toEqual(['-++'])
    expect(rolesOf(/^POST \/v1\/quarantine\/(replay|discard)$/)).toEqual(['--+'])
    expect(rolesOf(/^(GET|HEAD) \/($|page\/|metrics|v1\/(actors|cycles|transitions|quarantine|late))/)).toEqual(['-++'])
    expect(rolesOf(/^(GET|HEAD) \/v1\/plan/)).toEqual(['-++'])
    expect(rolesOf(/^(PUT|DELETE) \/v1\/plan/)).toEqual(['--+'])
  })

  it('a key that is unknown, revoked or incomplete is refused', async () => {
    const [, text] = [await keyOf('admin'), await keyOf('write')]
    const [, last] = testServer.keys.list()
    await testServer.keys.revoke(last?.key.id ?? '', 'command')
    for (const wrong of ['wk-segment', text, text.slice(0, -1), `${text}0`, `${text.slice(0, -1)}x`]) {
      const answer = await send('POST', '/v1/track', { headers: bearer(wrong), body: track() })
      expect([wrong, answer.status, answer.body['code']]).toEqual([wrong, 401, 'RONDO_KEY_INVALID'])
    }
    expect(testServer.stored()).toEqual([])
  })

  it('a key is accepted in every form that clients use, and its source is written to the events', async () => {
    const text = await keyOf('write', { source: 'shop' })
    const basic = { authorization: `Basic ${Buffer.from(`${text}:`).toString('base64')}` }
    const capture = { api_key: text, batch: [{ event: 'Visit', distinct_id: 'u1', uuid: 'p1' }] }
    const cloud = { specversion: '1.0', id: 'c1', source: 's', type: 'Visit', subject: 'u1' }
    const answers = [
      await send('POST', '/v1/track', { headers: basic, body: track() }),
      await send('POST', '/v1/track', { headers: bearer(text), body: track() }),
      await send('POST', '/v1/track', { headers: { 'x-write-key': text }, body: track() }),
      await send('POST', '/v1/import/', { body: JSON.stringify({ writeKey: text, batch: [JSON.parse(track({ type: 'track' }))] }) }),
      await send('POST', '/batch/', { body: JSON.stringify(capture) }),
      await send('POST', '/e/', { body: `data=${encodeURIComponent(Buffer.from(JSON.stringify(capture)).toString('base64'))}` }),
      await send('POST', '/ce', { headers: { ...bearer(text), 'content-type': 'application/cloudevents+json' }, body: JSON.stringify(cloud) }),
    ]
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(testServer.stored().map(({ source }) => source)).toEqual(answers.map(() => 'shop'))
    expect(JSON.stringify(testServer.stored())).not.toContain(text)
  })

  it('a key for another cycle cannot read', async () => {
    const [own, other] = [await keyOf('read', { cycles: ['shopper'] }), await keyOf('read', { cycles: ['listener'] })]
    expect((await send('GET', '/v1/cycles', { headers: bearer(own) })).status).toBe(200)
    for (const path of ['/v1/cycles', '/v1/transitions', '/v1/quarantine', '/metrics', '/']) {
      expect([path, (await send('GET', path, { headers: bearer(other) })).status]).toEqual([path, 403])
    }
  })

  it('a key above its rate gets the time to wait, and no event of its request is stored', async () => {
    const text = await keyOf('write', { eventsPerSecond: 1 })
    const batch = JSON.stringify({ batch: Array.from({ length: 20 }, (_, at) => ({ ...JSON.parse(track({ type: 'track' })), messageId: `m${at}` })) })
    expect((await send('POST', '/v1/batch', { headers: bearer(text), body: batch })).status).toBe(200)
    const second = await send('POST', '/v1/batch', { headers: bearer(text), body: batch })
    expect([second.status, second.body['code'], Number(second.headers['retry-after']) > 1]).toEqual([429, 'RONDO_RATE_LIMITED', true])
    expect(testServer.stored().length).toBe(20)
  })

  it('keys are made, listed, replaced and revoked over HTTP, each act is in the audit log, and only new keys are shown', async () => {
    const admin = bearer(await keyOf('admin'))
    const made = await send('POST', '/v1/keys', { headers: admin, body: '{"role":"write","name":"shop","origins":["https://shop.example"]}' })
    const { text, key } = made.body as { text: string; key: { id: string } }
    const rotated = await send('POST', `/v1/keys/${key.id}/rotate?overlap=1h`, { headers: admin })
    expect((await send('POST', '/v1/track', { headers: bearer(text), body: track() })).status).toBe(200)
    const revoked = await send('DELETE', `/v1/keys/${key.id}`, { headers: admin })
    expect([revoked.status, revoked.body['valid']]).toEqual([200, false])
    expect((await send('POST', '/v1/track', { headers: bearer(text), body: track() })).status).toBe(401)
    const list = await send('GET', '/v1/keys', { headers: admin })
    const audit = await send('GET', '/v1/audit', { headers: admin })
    expect((audit.body['items'] as { kind: string }[]).map(({ kind }) => kind)).toEqual(['key-ended', 'key-ended', 'key-created', 'key-created', 'key-created'])
    const pages = [await send('GET', '/v1/audit?limit=2', { headers: admin })]
    for (let next = pages.at(-1)?.body['next']; next !== null; next = pages.at(-1)?.body['next']) {
      pages.push(await send('GET', `/v1/audit?limit=2&before=${String(next)}`, { headers: admin }))
    }
    expect(pages.map(({ body }) => (body['items'] as unknown[]).length)).toEqual([2, 2, 1])
    expect(pages.flatMap(({ body }) => body['items'])).toEqual(audit.body['items'])
    for (const { body } of [list, audit, revoked]) expect(JSON.stringify(body)).not.toMatch(/"hash"|rondo_(write|admin)_/)
    expect(rotated.body['text']).toMatch(/^rondo_write_/)
    const bad = await send('POST', '/v1/keys', { headers: admin, body: '{"role":"chief"}' })
    expect([bad.status, bad.body['code'], bad.body['message']]).toEqual([400, 'RONDO_ARGUMENT_INVALID', expect.stringMatching(/role.*name/)])
  })
})

describe('where keys are optional', () => {
  beforeEach(() => testServer.open(false))

  it('a request without a key, or with a key of another system, is accepted everywhere', async () => {
    expect((await send('POST', '/v1/track', { headers: bearer('wk-segment'), body: track({ writeKey: 'wk' }) })).status).toBe(200)
    expect((await send('GET', '/v1/keys')).status).toBe(200)
  })

  it('a parameter that does not exist is refused by each path that reads or administers, and by no path that clients send to', async () => {
    const routes = (await declared()).filter(({ url }) => url.startsWith('/v1/') && !url.startsWith('/v1/health'))
    const answers = await Promise.all(
      routes.map(async ({ method, url, role }) => {
        const { body } = await send(method, `${url.replaceAll(':cycle', 'shopper').replaceAll(':stage', 'connection').replaceAll(/:\w+/g, 'x')}?nonsense=1`)
        return { route: `${method} ${url}`, role, isRefused: String(body['message']).includes('nonsense: there is no such parameter') }
      }),
    )
    expect(answers.filter(({ role, isRefused }) => isRefused === (role === 'write')).map(({ route }) => route)).toEqual([])
    expect(answers.length).toBeGreaterThan(40)
    expect((await send('GET', '/v1/audit?before=0')).body).toMatchObject({ status: 400, code: 'RONDO_ARGUMENT_INVALID' })
    expect((await send('GET', '/v1/quarantine?limt=2')).body['message']).toContain('limt: there is no such parameter; did you mean limit?')
    expect((await send('GET', '/?utm_source=mail')).status).toBe(200)
    expect((await send('GET', '/metrics?target=a')).status).toBe(200)
  })

  it('events from a web page of another site are refused, with any content type', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1']) {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/json']) {
        const answer = await send('POST', '/v1/track', { headers: { origin, 'content-type': type }, body: track() })
        expect([answer.status, answer.body['code'], answer.headers['access-control-allow-origin']]).toEqual([403, 'RONDO_ORIGIN_FOREIGN', undefined])
      }
      const asked = await send('OPTIONS', '/v1/track', { headers: { origin, 'access-control-request-method': 'POST' } })
      expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([403, undefined])
    }
    expect(testServer.stored()).toEqual([])
  })

  it('events from a web page of Rondo are accepted', async () => {
    expect((await send('POST', '/v1/track', { headers: { origin: testServer.url }, body: track() })).status).toBe(200)
  })

  it('events with a key from an origin of that key are accepted, also by the check of the browser before the request', async () => {
    const origin = 'https://shop.example'
    const text = await keyOf('write', { origins: [origin] })
    const asked = await send('OPTIONS', '/v1/t', {
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,x-retry-count' },
    })
    expect([asked.status, asked.headers]).toEqual([
      204,
      expect.objectContaining({
        'access-control-allow-origin': origin,
        'access-control-allow-headers': 'authorization,x-retry-count',
        vary: 'Origin',
      }),
    ])
    const sent = await send('POST', '/v1/t', { headers: { origin, 'content-type': 'text/plain' }, body: track({ writeKey: text }) })
    expect([sent.status, sent.headers]).toEqual([
      200,
      expect.objectContaining({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'retry-after, x-request-id',
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      }),
    ])
    const limited = await keyOf('write', { origins: [origin], eventsPerSecond: 1 })
    const batch = Array.from({ length: 3 }, (_, at) => ({ ...JSON.parse(track({ type: 'track' })), messageId: `b${at}` }))
    const sendBatch = () => send('POST', '/v1/b', { headers: { origin, 'content-type': 'text/plain' }, body: JSON.stringify({ batch, writeKey: limited }) })
    expect((await sendBatch()).status).toBe(200)
    const { status, headers } = await sendBatch()
    expect([status, headers]).toEqual([429, expect.objectContaining({ 'access-control-allow-origin': origin, 'retry-after': expect.any(String) })])
    const without = await send('POST', '/v1/t', { headers: { origin, 'content-type': 'text/plain' }, body: track() })
    expect(without.body['code']).toBe('RONDO_ORIGIN_FOREIGN')
  })
})
