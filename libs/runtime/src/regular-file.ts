import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { RondoError } from '#contracts'

/** How much is read at once. */
const CHUNK_BYTES = 65_536

/**
 * The bytes of a regular file. A pipe or a device, such as /dev/zero, could keep the process waiting for ever, or have no end.
 * @throws RondoError RONDO_ARGUMENT_INVALID with the reason as a clause for the message of the caller, or the error of the file system
 */
export function readRegularFile(path: string, { bytesMax }: { readonly bytesMax: number }): Buffer {
  // Without O_NONBLOCK, a pipe that nobody writes to would already stop the process here.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const state = fstatSync(file)
    if (state.isDirectory()) throw unfit('it is a folder')
    if (!state.isFile()) throw unfit('it is not a regular file')
    const chunks: Buffer[] = []
    for (let size = 0; ; ) {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      const read = readSync(file, chunk)
      if (read === 0) return Buffer.concat(chunks)
      size += read
      if (size > bytesMax) throw unfit(`it is larger than ${bytesMax} bytes`)
      chunks.push(chunk.subarray(0, read))
    }
  } finally {
    closeSync(file)
  }
}

const unfit = (reason: string): RondoError => new RondoError('RONDO_ARGUMENT_INVALID', reason)

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'the link refers to itself',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
}

/** Why a file could not be read as text, as a clause. */
export function unreadableReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return reasons[code ?? ''] ?? message
}
