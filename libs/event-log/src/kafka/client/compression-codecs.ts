import { createRequire } from 'node:module'
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
// kafkajs is a CommonJS module, and Node does not find all its names: they are properties of the default import.
import kafkajs from 'kafkajs'
import type Lz4 from 'lz4-napi'
import { RondoError } from '#contracts'
import { packSnappy, unpackSnappy } from './snappy-frames.ts'

/** The interface that kafkajs expects. The bytes to compress are the `buffer` of an encoder. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

/** The functions of a codec: bytes in, bytes out. */
interface Packing {
  readonly pack: (bytes: Buffer) => Buffer
  readonly unpack: (bytes: Buffer) => Buffer
}

/** Loaded at the first use: it has a binary for each platform, and most processes never read a record with this codec. */
const lz4 = (): typeof Lz4 => createRequire(import.meta.url)('lz4-napi') as typeof Lz4

/** The size limit of a decompressed batch. A few bytes can claim to be terabytes, and other programs write to topics of sources. */
const UNPACKED_BYTES_MAX = 256 << 20
/** At this level zstd needs half of the bytes of lz4, and less time (docs/decisions/0007). */
const ZSTD_LEVEL = 1

const { CompressionTypes, CompressionCodecs } = kafkajs
/** The codec with which Rondo writes `activity`. */
export const FRAMES_COMPRESSION = CompressionTypes.ZSTD

/** Values of `compression.type` with which every record of a broker can be read. `producer`: unchanged. */
export const READABLE_COMPRESSIONS: ReadonlySet<string> = new Set(['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])

/** Three bits of a batch's attributes are the number of its codec. */
const CODEC_NUMBERS = [1, 2, 3, 4, 5, 6, 7]
const packings: Readonly<Record<number, Packing & { readonly name: string }>> = {
  [CompressionTypes.GZIP]: { name: 'gzip', pack: gzipSync, unpack: (bytes) => gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }) },
  [CompressionTypes.Snappy]: { name: 'snappy', pack: packSnappy, unpack: unpackSnappy },
  [CompressionTypes.LZ4]: { name: 'lz4', pack: (bytes) => lz4().compressFrameSync(bytes), unpack: (bytes) => lz4().decompressFrameSync(bytes) },
  [CompressionTypes.ZSTD]: {
    name: 'zstd',
    pack: (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } }),
    unpack: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }),
  },
}

/**
 * Registers every codec of Kafka with kafkajs 2.2.4, which has only gzip. An unknown codec gets an entry that fails: without one, kafkajs
 * would read the compressed bytes as records. A batch that cannot be decompressed is RONDO_DATA_CORRUPT, which is not retried.
 */
export function registerCodecs(): void {
  const codecs = CompressionCodecs as Record<number, () => Codec>
  for (const number of CODEC_NUMBERS) codecs[number] = () => codecOf(number)
}

function codecOf(number: number): Codec {
  const packing = packings[number]
  if (packing === undefined) {
    const unknown = async (): Promise<never> => {
      throw new RondoError('RONDO_DATA_CORRUPT', `a batch of records is packed by codec ${number}, which this release of Rondo does not know`)
    }
    return { compress: unknown, decompress: unknown }
  }
  return {
    compress: async ({ buffer }) => packing.pack(buffer),
    async decompress(bytes) {
      try {
        return packing.unpack(bytes)
      } catch (cause) {
        throw new RondoError('RONDO_DATA_CORRUPT', `a batch of records cannot be unpacked with ${packing.name}: ${(cause as Error).message}`, { cause })
      }
    },
  }
}
