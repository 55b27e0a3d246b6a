import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { RondoError } from '#contracts'
import type { Input, RowsOptions } from '#sources'
import { errnoOf, fileReason } from '../failure.ts'
import { inputName } from '../rows/input-file.ts'
import { untilStopped } from '../until-stopped.ts'

/** The input of an import, and what identifies it. */
export interface ImportSource {
  readonly input: Input
  /** The same text means the same rows in the same order, so that an interrupted import can continue. */
  readonly name: string
  /** A prefix for the ids of rows without an id, so that two files in one log share none. */
  readonly idPrefix: string
}

/** The options that decide which rows an input has. */
export interface RowSettings extends Pick<RowsOptions, 'csv' | 'map' | 'from' | 'to' | 'asRecorded' | 'actorType'> {
  readonly shiftToNow: boolean
  readonly allowFuture: boolean
}

const READ_BYTES = 1 << 20
/** 48 bits of the hash: the chance that two of a thousand files share a prefix is one in 500 million. */
const PREFIX_LENGTH = 8
/** A longer file name loses its beginning. With the hash, the name is shorter than the 256 characters that a server allows. */
const FILE_NAME_LENGTH_MAX = 200

/**
 * Reads an input once, completely, to identify it by its bytes; path and age would not be enough. Input from a pipe
 * is kept in the folder, since it cannot be read a second time.
 * @throws RondoError RONDO_INPUT_UNREADABLE, RONDO_DATA_FULL; the reason of `stop` if it is aborted
 */
export async function identifySource(input: Input, settings: RowSettings, { folder, stop }: { folder: string; stop: AbortSignal }): Promise<ImportSource> {
  const hash = createHash('sha256')
  const spool = join(folder, 'input')
  async function* hashed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }
  const isPipe = input.path === '-'
  try {
    if (isPipe) await writeFile(spool, hashed(untilStopped(input.stdin ?? nothing(), stop)))
    else for await (const chunk of createReadStream(input.path, { highWaterMark: READ_BYTES, signal: stop })) hash.update(chunk as Buffer)
  } catch (error) {
    stop.throwIfAborted()
    throw unreadable(input, error)
  }
  const { csv, map, from, to, asRecorded, actorType, shiftToNow, allowFuture } = settings
  hash.update(JSON.stringify([csv, map, from, to, asRecorded, actorType, shiftToNow, allowFuture, input.encoding]))
  const digest = hash.digest()
  const name = `${inputName(basename(input.path)).slice(-FILE_NAME_LENGTH_MAX)} ${digest.toString('hex', 0, 8)}`
  const rereadable = isPipe ? { ...input, stdin: createReadStream(spool) } : input
  // From byte 8 on: the bytes before it are in the name.
  return { input: rereadable, name, idPrefix: digest.toString('base64url', 8).slice(0, PREFIX_LENGTH) }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function unreadable({ path }: Input, error: unknown): RondoError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(errnoOf(error))
  return new RondoError(isFull ? 'RONDO_DATA_FULL' : 'RONDO_INPUT_UNREADABLE', `${inputName(path)} cannot be read: ${fileReason(error)}.`, { cause: error })
}
