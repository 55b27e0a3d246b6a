import { beforeAll, describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import snappy from 'snappy'
import { registerCodecs } from './compression-codecs.ts'

/** A codec as kafkajs calls it. */
interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}
/** The codec that kafkajs uses for a number in the attributes of a batch. */
const codecOf = (number: number): Codec => ((kafkajs.CompressionCodecs as Record<number, () => Codec>)[number] as () => Codec)()
const { GZIP, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes
const records = Buffer.from('{"event":"Page Viewed"}\n'.repeat(5_000))
const uint32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer).swap32()
/** Blocks in the framing of snappy-java: a magic text, two version numbers, then each block after its length. */
const framed = (blocks: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('\x82SNAPPY\0', 'latin1'), uint32(1), uint32(1), ...blocks.flatMap((block) => [uint32(block.length), block])])

beforeAll(registerCodecs)

describe.each([
  ['gzip', GZIP],
  ['snappy', Snappy],
  ['lz4', LZ4],
  ['zstd', ZSTD],
])('%s', (_, number) => {
  it('compresses and decompresses records', async () => {
    const packed = await codecOf(number).compress({ buffer: records })
    expect(packed.length).toBeLessThan(records.length / 4)
    expect((await codecOf(number).decompress(packed)).equals(records)).toBe(true)
  })

  it.each([
    ['cut off', (packed: Buffer) => packed.subarray(0, packed.length >> 1)],
    ['not of this codec', () => Buffer.from('\xff\xff\xff\xff\xff\xff no codec wrote this', 'latin1')],
  ])('refuses bytes that are %s', async (_why, damage) => {
    const packed = await codecOf(number).compress({ buffer: records })
    await expect(codecOf(number).decompress(damage(packed))).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT', retriable: false })
  })
})

describe("the framing of Java's snappy", () => {
  const parts = [records.subarray(0, 32_768), records.subarray(32_768, 70_000), records.subarray(70_000)]
  const java = framed(parts.map((part) => snappy.compressSync(part)))

  it('is read, with any number of blocks', async () => {
    expect((await codecOf(Snappy).decompress(java)).equals(records)).toBe(true)
  })

  it.each([1, 3, 100])('is refused if %i bytes are missing', async (missing) => {
    await expect(codecOf(Snappy).decompress(java.subarray(0, java.length - missing))).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT' })
  })

  it('may not claim more than the size limit of a batch', async () => {
    const fourGigabytes = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])
    await expect(codecOf(Snappy).decompress(framed([fourGigabytes]))).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT' })
  })
})

it.each([5, 6, 7])('the unknown codec %i is refused, and not read as uncompressed', async (number) => {
  await expect(codecOf(number).decompress(records)).rejects.toMatchObject({ code: 'RONDO_DATA_CORRUPT', message: expect.stringContaining(`codec ${number}`) })
})
