import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { TestServer } from '../../../test/fixtures/http/test-server.ts'

const STAGES = '/v1/cycles/shopper/stages'
let server: TestServer
beforeEach(async () => {
  server = new TestServer()
  await server.open(true)
})
afterEach(() => server.close())

const newKey = (role: string, more: object = {}) => server.keys.create({ role, name: role, ...more }, 'command')

async function send(method: string, path: string, { key, body }: { readonly key?: string; readonly body?: object } = {}) {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const answer = await fetch(`${server.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { readonly path: string } }
}
const linkOf = async (path: string, key: string) => (await send('POST', '/v1/links', { key, body: { path } })).body.path

it('a link opens its path without a key, and no other path, query or method', async () => {
  const { text } = await newKey('read')
  const link = await linkOf(STAGES, text)
  expect(await send('GET', link)).toMatchObject({ status: 200, body: { cycle: 'shopper' } })
  expect(await send('GET', STAGES)).toMatchObject({ status: 401, body: { code: 'RONDO_KEY_MISSING' } })
  expect(await send('GET', link.replace('/stages?', '/remarks?'))).toMatchObject({ status: 401, body: { code: 'RONDO_LINK_INVALID' } })
  expect(await send('GET', link.replace('?link', '?at=2026-01-01T00:00:00Z&link'))).toMatchObject({ status: 401, body: { code: 'RONDO_LINK_INVALID' } })
  expect(await send('GET', `${link}&limit=1`)).toMatchObject({ status: 401, body: { code: 'RONDO_KEY_MISSING' } })
  expect((await send('POST', link)).status).toBe(405)
})

it('a link with a query reads that query', async () => {
  const { text } = await newKey('read')
  const link = await linkOf(`${STAGES}/connection/actors?limit=1`, text)
  expect((await send('GET', link)).body['code']).not.toBe('RONDO_LINK_INVALID')
  expect(await send('GET', await linkOf(`${STAGES}/connection/actors?limits=1`, text))).toMatchObject({ status: 400, body: { code: 'RONDO_ARGUMENT_INVALID' } })
})

it('a link shows what its key shows, and ends with it', async () => {
  const admin = await newKey('admin')
  const bound = await newKey('read', { cycles: ['other'] })
  const made = await send('POST', '/v1/links', { key: admin.text, body: { path: STAGES, key: bound.key.id } })
  expect(await send('GET', made.body.path)).toMatchObject({ status: 403, body: { code: 'RONDO_KEY_SCOPE' } })
  const all = await newKey('read')
  const link = await linkOf(STAGES, all.text)
  await server.keys.revoke(all.key.id, 'command')
  expect(await send('GET', link)).toMatchObject({ status: 401, body: { code: 'RONDO_LINK_INVALID' } })
})

it('an admin key names the key that signs; a read key signs for itself, a write key not at all', async () => {
  const [admin, read, other, write] = await Promise.all(['admin', 'read', 'read', 'write'].map((role) => newKey(role)))
  const asked = (key: string | undefined, body: object) => send('POST', '/v1/links', { key: key ?? '', body: { path: STAGES, ...body } })
  const made = await asked(admin?.text, { key: read?.key.id, duration: '30d' })
  expect(made.status).toBe(200)
  expect((await send('GET', made.body.path)).status).toBe(200)
  expect(await asked(admin?.text, {})).toMatchObject({ status: 400, body: { code: 'RONDO_ARGUMENT_INVALID' } })
  expect(await asked(read?.text, { key: other?.key.id })).toMatchObject({ status: 403, body: { code: 'RONDO_KEY_SCOPE' } })
  expect(await asked(write?.text, {})).toMatchObject({ status: 403, body: { code: 'RONDO_KEY_SCOPE' } })
  expect(await asked(read?.text, { duration: '31d' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('duration') } })
  expect(await asked(read?.text, { path: '/v1/keys' })).toMatchObject({ status: 400, body: { message: expect.stringContaining('path') } })
})
