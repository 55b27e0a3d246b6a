import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { errorCodes } from '#contracts'
import { type JsonAnswer, sendBytes } from '../fixtures/http/send-bytes.ts'
import { TestServer } from '../fixtures/http/test-server.ts'
import { codings, type Dialect, dialects } from './dialects.ts'
import { nastyJson, nested } from './nasty-json.ts'

const ROUNDS = process.env['RONDO_TEST_LONG'] === '1' ? 20_000 : 300
/** Far more than the frames of one request. */
const NEWEST_BYTES = 200_000

const testServer = new TestServer()
let key: string
let count = 0
beforeAll(async () => {
  await testServer.open(true)
  key = (await testServer.keys.create({ role: 'write', name: 'fuzz' }, 'command')).text
})
afterAll(() => testServer.close())

const post = (path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<JsonAnswer> =>
  sendBytes(testServer.url, { path, body, headers: { authorization: `Bearer ${key}`, ...headers } })

/** The property `p` of the stored event, as JSON; undefined if there is no such event. */
function storedProperty(id: string): string | undefined {
  const event = testServer.stored(NEWEST_BYTES).find((stored) => stored.id === id)
  return event === undefined ? undefined : JSON.stringify((event.properties as { p?: unknown } | undefined)?.p)
}

/** The code of the refusal of an event, in a problem document or in the list of a batch. */
function refusalOf({ isBatch }: Dialect, { status, body }: JsonAnswer): unknown {
  if (!isBatch) return status === 200 ? undefined : [status, body?.['code']]
  const rejected = body?.['rejected'] as { code: string }[] | undefined
  return status !== 200 ? [status, body?.['code']] : rejected?.[0] && [400, rejected[0].code]
}

const dialectArb = fc.constantFrom(...Object.values(dialects))
const codingArb = fc.constantFrom(...codings)
const isKnown = (code: unknown): boolean => (errorCodes as readonly unknown[]).includes(code)

describe('JSON of any kind', () => {
  it.each(Object.entries(dialects))('in %s is stored exactly, or refused if it has a number without an end', async (_, dialect) => {
    let [stored, refused] = [0, 0]
    await fc.assert(
      fc.asyncProperty(nastyJson, codingArb, async (json, [coding, pack]) => {
        const id = `n${++count}`
        const answer = await post(dialect.path, pack(Buffer.from(dialect.body(id, json.text))), { 'content-type': dialect.type, 'content-encoding': coding })
        const expected = json.isEndless ? [[400, 'RONDO_EVENT_INVALID'], undefined] : [undefined, JSON.stringify(JSON.parse(json.stored))]
        expect([refusalOf(dialect, answer), storedProperty(dialect.storedId(id))]).toEqual(expected)
        if (json.isEndless) refused += 1
        else stored += 1
      }),
      { numRuns: ROUNDS / 6 },
    )
    expect(stored).toBeGreaterThan(refused)
  })

  it('is refused beyond 32 levels, and stored exactly up to 20', async () => {
    await fc.assert(
      fc.asyncProperty(dialectArb, nastyJson, fc.constantFrom(1, 20, 40, 1_000, 30_000), async (dialect, json, levels) => {
        const id = `n${++count}`
        const deep = nested({ ...json, isEndless: false, text: json.isEndless ? '1' : json.text, stored: json.isEndless ? '1' : json.stored }, levels)
        const answer = await post(dialect.path, Buffer.from(dialect.body(id, deep.text)), { 'content-type': dialect.type })
        const expected = levels > 32 ? [[400, 'RONDO_EVENT_INVALID'], undefined] : [undefined, JSON.stringify(JSON.parse(deep.stored))]
        expect([refusalOf(dialect, answer), storedProperty(dialect.storedId(id))]).toEqual(expected)
      }),
      { numRuns: ROUNDS / 10 },
    )
  })
})

/** A change of the bytes of a body. */
const damageArb = fc.oneof(
  fc.nat().map((at) => (body: Buffer) => body.subarray(0, at % (body.length + 1))),
  fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, bytes]) => (body: Buffer) => {
    const place = at % (body.length + 1)
    return Buffer.concat([body.subarray(0, place), bytes, body.subarray(place)])
  }),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => (body: Buffer) => {
    const changed = Buffer.from(body)
    if (changed.length > 0) changed[at % changed.length] = (changed[at % changed.length] as number) ^ mask
    return changed
  }),
  fc
    .constantFrom([0xef, 0xbb, 0xbf], [0xff, 0xfe], [0], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0x1f, 0x8b])
    .map((bytes) => (body: Buffer) => Buffer.concat([Buffer.from(bytes), body])),
  fc.constant((body: Buffer) => body),
)

/** A coding, the bytes that are sent in it, damaged before or after they are packed, and what the server reads from them; undefined if that is not known. */
const damagedArb = fc.tuple(codingArb, damageArb, fc.boolean()).map(([[coding, pack], damage, isInside]) => ({
  coding,
  pack(body: Buffer): { readonly sent: Buffer; readonly read: Buffer | undefined } {
    if (isInside || coding === 'identity') return { sent: pack(damage(body)), read: damage(body) }
    // Raw deflate and brotli have no checksum, so a change inside of them may be another body.
    return { sent: damage(pack(body)), read: undefined }
  },
}))

/** What JSON.parse reads as the property `p` of an event; undefined if the body has another shape, or a number that a double may not hold exactly. */
function readProperty(body: Buffer): string | undefined {
  const text = new TextDecoder().decode(body)
  if (/\d{16}|\d[eE]/.test(text)) return undefined
  const value = JSON.parse(text) as { batch?: unknown[] } & unknown[]
  const [event] = (value.batch ?? (Array.isArray(value) ? value : [value])) as { properties?: { p?: unknown }; data?: { p?: unknown } }[]
  const read = event?.properties?.p ?? event?.data?.p
  return read === undefined ? undefined : JSON.stringify(read)
}

/** Whether a body was refused as its sender's defect, with a code. */
const isRefusal = ({ status, body }: JsonAnswer): boolean => [400, 401, 413, 415].includes(status) && isKnown(body?.['code'])

describe('a damaged body', () => {
  it('before or after it is packed is refused with a code, or stored as JSON.parse reads it', async () => {
    let [accepted, refused, compared] = [0, 0, 0]
    await fc.assert(
      fc.asyncProperty(dialectArb, nastyJson, damagedArb, async (dialect, json, { coding, pack }) => {
        const id = `d${++count}`
        const { sent, read } = pack(Buffer.from(dialect.body(id, json.isEndless ? '1' : json.text)))
        const answer = await post(dialect.path, sent, { 'content-type': dialect.type, 'content-encoding': coding })
        const stored = storedProperty(dialect.storedId(id))
        if (answer.status !== 200) {
          refused += 1
          expect([answer, stored, isRefusal(answer)]).toEqual([answer, undefined, true])
          return
        }
        accepted += 1
        const expected = read && readProperty(read)
        if (expected === undefined || stored === undefined) return
        compared += 1
        expect(stored).toBe(expected)
      }),
      { numRuns: ROUNDS },
    )
    expect(Math.min(accepted, refused, compared)).toBeGreaterThan(ROUNDS / 20)
  })

  it('with any headers and any query is answered without a failure of the server', async () => {
    const header = fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '').trim())
    const names = fc.constantFrom(
      'content-type',
      'content-encoding',
      'authorization',
      'x-write-key',
      'origin',
      'accept',
      'ce-id',
      'ce-time',
      'ce-data',
      'cookie',
      'x-forwarded-for',
    )
    const query = fc.string({ unit: 'binary-ascii', maxLength: 60 }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, ''))
    await fc.assert(
      fc.asyncProperty(
        dialectArb,
        fc.dictionary(names, header, { maxKeys: 5 }),
        query,
        fc.uint8Array({ maxLength: 200 }),
        async (dialect, headers, text, body) => {
          const answer = await post(`${dialect.path}?${text}`, body, headers)
          expect([answer, answer.status < 300 || (answer.status < 500 && isKnown(answer.body?.['code']))]).toEqual([answer, true])
        },
      ),
      { numRuns: ROUNDS },
    )
  })
})

describe('a body that becomes large when it is unpacked', () => {
  const zeros = Buffer.alloc(64 * 1024 * 1024)
  it.each(codings.filter(([coding]) => coding !== 'identity'))('from %s is refused, although a small one is accepted', async (coding, pack) => {
    const answers = await Promise.all(
      Object.values(dialects).map(({ path, type }) => post(path, pack(zeros), { 'content-type': type, 'content-encoding': coding })),
    )
    expect(answers.map(({ status, body }) => [status, body?.['code']])).toEqual(answers.map(() => [413, 'RONDO_BODY_TOO_LARGE']))
  })

  it('from gzip without a header is refused', async () => {
    const answer = await post('/e/', gzipSync(zeros))
    expect([answer.status, answer.body?.['code']]).toEqual([413, 'RONDO_BODY_TOO_LARGE'])
  })
})
