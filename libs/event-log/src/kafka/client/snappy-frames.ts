import { createRequire } from 'node:module'
import type Snappy from 'snappy'
import { RondoError } from '#contracts'

/** Loaded at the first use: it has a binary for each platform, and most processes never read a record with this codec. */
const snappy = (): typeof Snappy => createRequire(import.meta.url)('snappy') as typeof Snappy

/**
 * The first bytes of a batch of snappy-java, and so of every Kafka client in Java. Two version numbers follow, then blocks, each after its
 * length.
 */
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const HEADER_BYTES = MAGIC.length + 8
const LENGTH_BYTES = 4
/** In no form of snappy do three bytes give more than 64. */
const GROWTH_MAX = 64 / 3

/** Compresses bytes as one raw block, which clients in Java read too. */
export const packSnappy = (bytes: Buffer): Buffer => snappy().compressSync(bytes)

/** @throws RondoError RONDO_DATA_CORRUPT if a block is incomplete or claims too much; the errors of snappy */
export function unpackSnappy(bytes: Buffer): Buffer {
  const parts = blocksOf(bytes).map((block) => {
    // snappy reserves the claimed memory before it reads anything.
    if (claimedLength(block) > GROWTH_MAX * block.length) throw new RondoError('RONDO_DATA_CORRUPT', 'a block claims to be longer than it can be')
    return snappy().uncompressSync(block) as Buffer
  })
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

/** The raw blocks of a batch: those in the framing of snappy-java, or the whole batch as one block from clients in other languages. */
function blocksOf(bytes: Buffer): Buffer[] {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return [bytes]
  const blocks: Buffer[] = []
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const from = at + LENGTH_BYTES
    const length = from <= bytes.length ? bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY
    if (from + length > bytes.length) throw new RondoError('RONDO_DATA_CORRUPT', 'a block is cut off')
    blocks.push(bytes.subarray(from, from + length))
    at = from + length
  }
  return blocks
}

/** A block begins with its decompressed length, seven bits a byte. */
function claimedLength(block: Buffer): number {
  let length = 0
  for (const [at, byte] of block.subarray(0, 5).entries()) {
    length += (byte & 127) * 128 ** at
    if (byte < 128) break
  }
  return length
}
