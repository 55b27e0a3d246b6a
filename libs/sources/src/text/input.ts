import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { RondoError } from '#contracts'
import { peek } from './peek.ts'
import { asUtf8 } from './text-encoding.ts'
import { unpackZstd } from './zstd.ts'

/** A file or standard input. */
export interface Input {
  /** A path, or `-` for `stdin`. */
  readonly path: string
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
  /** How messages name it, unless by its path. */
  readonly name?: string | undefined
  /** The encoding of the text. If it is not given: the encoding of a byte order mark, or else UTF-8. */
  readonly encoding?: string | undefined
}

/** More than Node's default (16 KiB unpacked, 64 KiB from files), so that a large file takes fewer steps. */
const CHUNK_BYTES = 131_072

/** A kind of compression: the first bytes by which it is recognized, and how it is unpacked. */
interface Kind {
  readonly name: string
  readonly magic: readonly number[]
  readonly unpack?: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>
}

function unpackGzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  // The reader of the decompressed stream gets an error; without the callback it would be thrown a second time.
  return pipeline(chunks, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined)
}

/** The format is detected from the first bytes of the input: a file name can be wrong, and a pipe has no name. */
const kinds: readonly Kind[] = [
  { name: 'a gzip archive', magic: [0x1f, 0x8b], unpack: unpackGzip },
  { name: 'a zstd archive', magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: unpackZstd },
  { name: 'a zip archive', magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'a bzip2 archive', magic: [0x42, 0x5a, 0x68] },
  { name: 'an xz archive', magic: [0xfd, 0x37, 0x7a, 0x58] },
]

/** The name of an input in messages. */
export const nameOf = ({ name, path }: Input): string => name ?? (path === '-' ? 'standard input' : path)

const kindOf = (head: Buffer): Kind | undefined => kinds.find((kind) => kind.magic.every((byte, at) => head[at] === byte))

function open(input: Input): AsyncIterable<Uint8Array> {
  if (input.path !== '-') return createReadStream(input.path, { highWaterMark: CHUNK_BYTES })
  if (input.stdin === undefined) throw new RondoError('RONDO_INPUT_UNREADABLE', 'There is no standard input here: name a file.')
  return input.stdin
}

/** Whether the name is that of an archive, but the bytes are neither an archive nor text. This is probably a broken download. */
function isBrokenArchive(path: string, head: Buffer): boolean {
  return /\.(gz|zst)$/i.test(path) && (head.length === 0 || head.some((byte) => byte < 9))
}

/**
 * The bytes of an input in UTF-8, decompressed if it is a gzip or zstd archive.
 * @throws RondoError RONDO_INPUT_UNREADABLE for other archives and encodings; errors of the file system and of the archive are passed on.
 */
export async function* readInput(input: Input): AsyncGenerator<Uint8Array> {
  yield* asUtf8(unpacked(input), input.encoding, nameOf(input))
}

async function* unpacked(input: Input): AsyncGenerator<Uint8Array> {
  const { head, all } = await peek(open(input))
  const kind = kindOf(head)
  if (kind === undefined && isBrokenArchive(input.path, head)) {
    await all.return(undefined)
    throw new RondoError('RONDO_INPUT_UNREADABLE', `${nameOf(input)} is not the archive that its name promises. Fetch it again.`)
  }
  if (kind === undefined) {
    yield* all
    return
  }
  if (kind.unpack === undefined) {
    await all.return(undefined)
    throw new RondoError('RONDO_INPUT_UNREADABLE', `${nameOf(input)} is ${kind.name}; expected UTF-8 text, plain or packed with gzip or zstd.`)
  }
  yield* kind.unpack(all)
}
