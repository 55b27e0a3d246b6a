import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import { unpack } from './unpack.ts'

const content = Buffer.from(JSON.stringify({ event: 'Visit', text: 'x'.repeat(500) }))
const failure = async (body: Buffer, encoding: string, bytesMax = 1000): Promise<unknown> => {
  const { code } = (await unpack(body, encoding, bytesMax).catch((error: unknown) => error)) as { code?: string }
  return code
}

describe('a compressed body', () => {
  it.each([
    ['gzip', gzipSync(content)],
    ['X-GZIP', gzipSync(content)],
    ['deflate', deflateSync(content)],
    ['deflate', deflateRawSync(content)],
    ['br', brotliCompressSync(content)],
    ['deflate, gzip', gzipSync(deflateSync(content))],
    ['identity', content],
    ['', content],
  ])('as %s is decompressed', async (encoding, body) => {
    expect(await unpack(body, encoding, 1000)).toEqual(content)
  })

  it('is refused if it is larger than allowed after any step of decompression', async () => {
    const bomb = Buffer.alloc(10_000_000)
    for (const [encoding, body] of [
      ['gzip', gzipSync(bomb)],
      ['deflate', deflateSync(bomb)],
      ['deflate', deflateRawSync(bomb)],
      ['br', brotliCompressSync(bomb)],
      ['gzip, gzip', gzipSync(gzipSync(bomb))],
    ] as const) {
      expect([encoding, await failure(body, encoding, 100_000)]).toEqual([encoding, 'RONDO_BODY_TOO_LARGE'])
    }
  })

  it('that is incomplete or not compressed is refused', async () => {
    const cut = gzipSync(content).subarray(0, 20)
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      expect([encoding, await failure(cut, encoding)]).toEqual([encoding, 'RONDO_BODY_INVALID'])
    }
  })

  it('in a coding that is not read, or in three of them, is refused', async () => {
    for (const encoding of ['zstd', 'aws-chunked', 'gzip, gzip, gzip', 'gzip;q=1']) {
      expect([encoding, await failure(gzipSync(content), encoding)]).toEqual([encoding, 'RONDO_ENCODING_UNKNOWN'])
    }
  })
})
