import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from '@jest/globals'
import { serverStatus } from './server-status.ts'
import { attentionOf } from './status.ts'

let server: Server
afterEach(() => void server.close())

/** A server whose log time is five minutes old. */
async function serve(health: object): Promise<string> {
  const answers: Readonly<Record<string, object>> = {
    '/v1/health': health,
    '/v1/health/ready': { status: 'ok' },
    '/v1/cycles': { items: [{ cycle: 'shopper' }] },
    '/v1/cycles/shopper/stages': { asOf: { logTime: '2026-01-01T00:00:00.000Z', ageSeconds: 300 } },
    '/v1/cycles/shopper/remarks': { counts: {} },
    '/v1/quarantine/counts': { open: 0, usage: { records: 0, bytes: 0, bytesMax: 1 } },
  }
  server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[request.url ?? ''] ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it.each([
  [{ status: 'ok' }, '.'],
  [{ status: 'ok', importing: false, catchingUp: false }, '.'],
  [{ status: 'ok', importing: true, catchingUp: false }, '; it waits for an import.'],
  [{ status: 'ok', importing: false, catchingUp: true }, '; it waits for events that clients may have buffered before the start (RONDO_CATCH_UP).'],
])('the status of a server with the details %j says for what log time waits', async (health, end) => {
  const url = await serve(health)
  expect(attentionOf(await serverStatus(url, new AbortController().signal))).toEqual([`Log time of shopper, partition 0, is 5 min old${end}`])
})
