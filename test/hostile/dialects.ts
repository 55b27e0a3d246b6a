import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'

/** How clients of a dialect send an event whose property `p` has this JSON text. */
export interface Dialect {
  readonly path: string
  readonly type: string
  readonly body: (id: string, json: string) => string
  /** The id under which the event is stored. */
  readonly storedId: (id: string) => string
  /** Whether a refused event is listed in an answer with 200. */
  readonly isBatch: boolean
}

const same = (id: string): string => id
const segment = (id: string, json: string): string => `{"type":"track","event":"Nasty","userId":"u","messageId":"${id}","properties":{"p":${json}}}`
const capture = (id: string, json: string): string => `{"event":"Nasty","distinct_id":"u","uuid":"${id}","properties":{"p":${json}}}`
const cloud = (id: string, json: string): string => `{"specversion":"1.0","id":"${id}","source":"s","type":"Nasty","subject":"u","data":{"p":${json}}}`

const single = { isBatch: false, type: 'application/json', storedId: same }
const batch = { isBatch: true, type: 'text/plain', storedId: same }

export const dialects: Readonly<Record<string, Dialect>> = {
  'a Segment call': { ...single, path: '/v1/track', body: segment },
  'a Segment batch': { ...batch, path: '/v1/batch', body: (id, json) => `{"batch":[${segment(id, json)}]}` },
  'a PostHog capture': { ...single, path: '/capture/', body: capture },
  'a PostHog batch': { ...batch, path: '/batch/', body: (id, json) => `{"batch":[${capture(id, json)}]}` },
  'a CloudEvent': { ...single, path: '/ce', type: 'application/cloudevents+json', body: cloud, storedId: (id) => `s#${id}` },
  'a batch of CloudEvents': {
    ...batch,
    path: '/v1/cloudevents',
    type: 'application/cloudevents-batch+json',
    body: (id, json) => `[${cloud(id, json)}]`,
    storedId: (id) => `s#${id}`,
  },
}

/** The best quality takes seconds. */
const brotli = (body: Buffer): Buffer => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } })

/** The Content-Encoding of a body, and how it is packed. */
export const codings: readonly (readonly [name: string, pack: (body: Buffer) => Buffer])[] = [
  ['identity', (body) => body],
  ['gzip', (body) => gzipSync(body)],
  ['deflate', (body) => deflateSync(body)],
  ['deflate', (body) => deflateRawSync(body)],
  ['br', brotli],
  ['gzip, br', (body) => brotli(gzipSync(body))],
]
