import { readFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import { Registry } from 'prom-client'
import type { ActivityEvent } from '#contracts'
import { textLogger } from '#process'
import { SimulatedClock } from '#runtime'
import { IngestFolder } from '../../../test/fixtures/ingest/ingest-folder.ts'
import { closeApp, listen, newApp } from '../../nest/src/http-app.ts'
import { EmbeddedIngestModule } from './embedded-ingest.module.ts'

type JsonObject = Record<string, unknown>
interface Recorded {
  readonly client: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: JsonObject
}
interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
}

const ARRIVAL = Date.parse('2026-11-22T12:00:00.000Z')
const LISTENING = { host: '127.0.0.1', port: 0 }

const linesOf = (name: string): unknown[] =>
  readFileSync(new URL(`../../../test/fixtures/clients/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const recorded = linesOf('captured_requests.jsonl') as Recorded[]
const expected = linesOf('expected_events.jsonl') as { readonly client: string; readonly path: string; readonly events: JsonObject[] }[]

let ingestFolder: IngestFolder
let app: NestFastifyApplication
let url: string

beforeEach(async () => {
  ingestFolder = new IngestFolder()
  ingestFolder.clock = new SimulatedClock(ARRIVAL)
  const { log, clock, folder } = ingestFolder
  const refused = { store: folder.refusedStore(), acts: folder.adminLog(), graceMs: () => 3_600_000 }
  const ingest = {
    log,
    clock,
    refused,
    backfill: ingestFolder.backfill(),
    folded: () => undefined,
    catchUpMs: 0,
    metrics: new Registry(),
    onAlarm() {},
    onFailure() {},
  }
  app = await newApp(EmbeddedIngestModule.register(ingest), LISTENING, textLogger)
  url = await listen(app, LISTENING)
})
afterEach(async () => {
  await closeApp(app)
  await ingestFolder.dispose()
})

/** Sends the request without fetch, which would follow redirects, decode bodies and add headers. */
function send(path: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as JsonObject) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function replay({ path, headers, body }: Recorded): Promise<Answer> {
  const text = JSON.stringify(body)
  const { 'content-length': _, ...sent } = headers
  return send(path, headers['content-encoding'] === 'gzip' ? gzipSync(text) : text, sent)
}

async function stored(): Promise<ActivityEvent[]> {
  return (await ingestFolder.records()).filter((record): record is ActivityEvent => !('record' in record))
}

const callsOf = ({ body }: Recorded): JsonObject[] => (body['batch'] ?? [body]) as JsonObject[]

/** The id that the client gave. A CloudEvent is known by its source and id. */
function idOf({ path, headers }: Recorded, call: JsonObject): unknown {
  if (path !== '/ce') return call['messageId'] ?? call['uuid']
  return `${call['source'] ?? headers['ce-source']}#${call['id'] ?? headers['ce-id']}`
}

/** The time that a client claims, corrected by the error of its clock. */
function timeOf({ headers, body }: Recorded, call: JsonObject): number {
  const claim = call['timestamp'] ?? call['originalTimestamp'] ?? call['time'] ?? headers['ce-time']
  const sentAt = call['sentAt'] ?? body['sentAt'] ?? body['sent_at']
  if (claim === undefined) return ARRIVAL
  return Date.parse(String(claim)) + (sentAt === undefined ? 0 : ARRIVAL - Date.parse(String(sentAt)))
}

describe('a recorded request', () => {
  it.each(recorded.map((one, index) => [`${index} of ${one.client} to ${one.path}`, one, expected[index]] as const))('%s', async (_, one, outcome) => {
    const answer = await replay(one)
    expect(answer).toMatchObject({ status: 200, body: { success: true, accepted: callsOf(one).length, rejected: [] } })
    const events = await stored()
    const brief = events.map(({ type, event, actor, properties, traits }) => ({ type, event, actor: actor.id, properties, traits }))
    expect(JSON.parse(JSON.stringify(brief))).toEqual(outcome?.events)
    expect(events.map(({ id }) => id)).toEqual(callsOf(one).map((call) => idOf(one, call)))
    expect(events.map(({ time }) => Date.parse(time))).toEqual(callsOf(one).map((call) => timeOf(one, call)))
  })

  it('is stored with the same ids when it is sent again, so that the fold drops the copies', async () => {
    for (const one of recorded) {
      const before = (await stored()).length
      await replay(one)
      await replay(one)
      const ids = (await stored()).slice(before).map(({ id }) => id)
      expect(ids.slice(ids.length / 2)).toEqual(ids.slice(0, ids.length / 2))
    }
  })
})

const track = { type: 'track', event: 'Visit', userId: 'u1', messageId: 'm1' }
const capture = { event: 'Visit', distinct_id: 'u1', uuid: 'm1' }
const cloudEvent = { specversion: '1.0', id: 'm1', source: 's', type: 'Visit', subject: 'u1' }
const CLOUD = { 'content-type': 'application/cloudevents+json' }

const calls = ['track', 'identify', 'page', 'screen', 'group', 'alias', 't', 'i', 'p', 's', 'g', 'a']
const paths: readonly (readonly [string, unknown, Record<string, string>])[] = [
  ...['/v1/batch', '/v1/b', '/v1/import', '/api/public/apps/batch'].map((path) => [path, { batch: [track] }, {}] as const),
  ...calls.flatMap((call) => ['/v1/', '/api/s/', '/api/s/s2s/', '/api/public/apps/'].map((front) => [front + call, track, {}] as const)),
  ...['/batch', '/capture', '/e', '/i/v0/e'].map((path) => [path, { api_key: 'k', batch: [capture] }, {}] as const),
  ...['/v1/cloudevents', '/ce'].map((path) => [path, cloudEvent, CLOUD] as const),
]

describe('the paths', () => {
  it('are open with and without a slash at the end, answer exactly 200, and never redirect', async () => {
    for (const [path, body, headers] of paths) {
      for (const written of [path, `${path}/`]) {
        const { status, headers: answered } = await send(written, JSON.stringify(body), headers)
        expect([written, status, answered.location]).toEqual([written, 200, undefined])
      }
    }
    expect((await stored()).every(({ event, actor }) => event !== '' && actor.id === 'u1')).toBe(true)
  })

  it('answer 404 without a redirect if they are unknown', async () => {
    for (const path of ['/v1/nothing', '/v2/batch', '/api/s/nothing', '//v1/batch', '/V1/BATCH']) {
      const { status, headers, body } = await send(path, '{}')
      expect([path, status, headers.location, body['code']]).toEqual([path, 404, undefined, 'RONDO_NOT_FOUND'])
    }
  })

  it('give the code and the reason of a refusal, with a status after which clients do not send the request again', async () => {
    const refusals = [
      await send('/v1/batch', '{'),
      await send('/v1/track', '{"event":"Visit"}'),
      await send('/batch', '[1'),
      await send('/capture', '{"event":"Visit"}'),
      await send('/ce', '{}'),
      await send('/ce', '{}', { 'content-type': 'application/cloudevents-batch+json' }),
      await send('/ce', JSON.stringify({ ...cloudEvent, subject: '' }), CLOUD),
    ]
    for (const { status, body } of refusals) {
      expect(body).toEqual({ ...body, status, code: expect.stringMatching(/^RONDO_/), message: expect.stringMatching(/./) })
      expect(status).toBe(400)
    }
    expect(await stored()).toEqual([])
  })

  it('accept the valid events of a batch, and name the refused ones by position and path', async () => {
    const bad = { ...track, properties: [1] }
    expect((await send('/v1/batch', JSON.stringify({ batch: [bad, track, { ...track, userId: {} }] }))).body).toEqual({
      success: true,
      accepted: 1,
      rejected: [
        { index: 0, code: 'RONDO_EVENT_INVALID', message: 'properties: expected an object', path: 'properties' },
        { index: 2, code: 'RONDO_EVENT_INVALID', message: 'userId: expected a string or a number', path: 'userId' },
      ],
    })
    expect((await send('/batch/', JSON.stringify({ batch: [{ ...capture, timestamp: 'soon' }, capture] }))).body).toMatchObject({
      status: 1,
      accepted: 1,
      rejected: [{ index: 0, path: 'timestamp' }],
    })
    const batch = { 'content-type': 'application/cloudevents-batch+json' }
    expect(await send('/ce', JSON.stringify([{ ...cloudEvent, specversion: '0.3' }, cloudEvent]), batch)).toMatchObject({
      status: 200,
      body: { accepted: 1, rejected: [{ index: 0, path: 'specversion' }] },
    })
    expect((await stored()).length).toBe(3)
  })

  it('accept an event of 64 KB and a batch of 1 MB, and nothing larger', async () => {
    const sized = (bytes: number, id = 'm1'): string => {
      const call = { ...track, messageId: id, properties: { text: '' } }
      return JSON.stringify({ ...call, properties: { text: 'x'.repeat(bytes - JSON.stringify(call).length) } })
    }
    const batchOf = (...items: string[]): Promise<Answer> => send('/v1/batch', `{"batch":[${items.join(',')}]}`)
    expect((await batchOf(sized(65_536))).body).toMatchObject({ accepted: 1 })
    expect((await batchOf(sized(65_537))).body).toMatchObject({ accepted: 0, rejected: [{ code: 'RONDO_EVENT_TOO_LARGE' }] })
    const items = Array.from({ length: 16 }, (_, index) => sized(65_000, `b${index}`))
    expect((await batchOf(...items)).body).toMatchObject({ accepted: 16 })
    const tooLarge = `{"batch":[${[...items, sized(20_000)].join(',')}]}`
    for (const type of ['application/json', 'text/plain', 'application/x-ndjson']) {
      const answer = await send('/v1/batch', tooLarge, { 'content-type': type })
      expect([type, answer.status, answer.body['code']]).toEqual([type, 413, 'RONDO_BODY_TOO_LARGE'])
    }
  })
})

describe('a body of a PostHog client', () => {
  const json = JSON.stringify({ api_key: 'k', batch: [capture] })
  const base64 = Buffer.from(json).toString('base64')
  const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString()
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

  it.each([
    ['as JSON in text', '/e/', json, { 'content-type': 'text/plain' }],
    ['packed without a header', '/e/?compression=gzip-js', gzipSync(json), { 'content-type': 'text/plain' }],
    ['packed with a header too', '/i/v0/e/?compression=gzip', gzipSync(json), { 'content-encoding': 'gzip' }],
    ['as base64', '/e/?compression=base64', base64, {}],
    ['as packed base64', '/e/?compression=gzip-js', gzipSync(json).toString('base64'), {}],
    ['as a form of base64', '/e/', form({ data: base64, compression: 'base64' }), FORM],
    ['as a form of base64 that is not escaped', '/e/', `data=${base64}`, FORM],
    ['as a form of JSON', '/capture/', form({ data: json }), FORM],
  ])('%s is read', async (_, path, body, headers) => {
    expect(await send(path, body, headers as Record<string, string>)).toMatchObject({ status: 200, body: { status: 1, accepted: 1 } })
    expect(await stored()).toMatchObject([{ id: 'm1', event: 'Visit', actor: { id: 'u1' } }])
  })

  it('is refused if it is packed twice, too large, or packed in an unknown format', async () => {
    const refusals = [
      await send('/e/', gzipSync(gzipSync(json))),
      await send('/e/?compression=lz64', 'N4Ig'),
      await send('/e/', form({ data: '' }), FORM),
      await send('/e/', gzipSync(json).subarray(0, 30)),
    ]
    expect(refusals.map(({ status, body }) => [status, body['code']])).toEqual(refusals.map(() => [400, 'RONDO_BODY_INVALID']))
    expect(await send('/e/', gzipSync(Buffer.alloc(5_000_000, 32)))).toMatchObject({ status: 413, body: { code: 'RONDO_BODY_TOO_LARGE' } })
  })
})

describe('a CloudEvent in binary mode', () => {
  const headers = { 'ce-specversion': '1.0', 'ce-id': 'm1', 'ce-source': 's', 'ce-type': 'Visit', 'ce-subject': 'u1' }

  it.each([
    ['of JSON', '{"n":1}', 'application/json', { n: 1 }],
    ['of a kind of JSON', '{"n":1}', 'application/vnd.shop+json; charset=utf-8', { n: 1 }],
    ['of text', 'hello', 'text/plain', { data: 'hello' }],
    ['of bytes', Uint8Array.of(0, 255), 'image/png', { data_base64: 'AP8=' }],
    ['of nothing', '', 'application/json', undefined],
  ])('%s keeps its data', async (_, body, type, properties) => {
    expect((await send('/ce', body, { ...headers, 'content-type': type })).status).toBe(200)
    expect((await stored()).map((event) => event.properties)).toEqual([properties])
  })
})
