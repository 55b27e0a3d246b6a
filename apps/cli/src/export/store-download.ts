import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { RondoError } from '#contracts'
import { errnoOf, fileReason } from '../failure.ts'
import type { Download } from '../server/server.ts'

/** Writes a download beside its place, and gives it its name when it is complete and on the disk. @returns its length */
export async function storeDownload(path: string, { chunks, bytes }: Download, onProgress: (bytes: number) => Promise<void>): Promise<number> {
  const part = `${path}.part`
  const file = await within(path, () => open(part, 'w'))
  try {
    const written = await store(file, path, { chunks, onProgress })
    if (bytes !== undefined && written !== bytes) {
      const message = `The server sent ${written} of ${bytes} bytes of ${path}.`
      throw new RondoError('RONDO_SERVER_UNREACHABLE', message, { retriable: true })
    }
    await within(path, () => file.sync())
    await file.close()
    await within(path, () => rename(part, path))
    return written
  } catch (failure) {
    await file.close().catch(() => undefined)
    await rm(part, { force: true })
    throw failure
  }
}

async function store(file: FileHandle, path: string, { chunks, onProgress }: Pick<Download, 'chunks'> & { onProgress: (bytes: number) => Promise<void> }) {
  let written = 0
  for await (const chunk of chunks) {
    await within(path, () => file.appendFile(chunk))
    written += chunk.length
    await onProgress(written)
  }
  return written
}

/** @throws RondoError RONDO_DATA_FULL, RONDO_DATA_UNREADABLE if the file cannot be written */
async function within<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = errnoOf(error)
    const sentence = `${path} cannot be written: ${fileReason(error)}.`
    throw new RondoError(code === 'ENOSPC' || code === 'EDQUOT' ? 'RONDO_DATA_FULL' : 'RONDO_DATA_UNREADABLE', sentence, { cause: error })
  }
}
