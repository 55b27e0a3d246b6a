import { type ErrorCode, RondoError } from '#contracts'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'RONDO_DATA_FULL',
  EDQUOT: 'RONDO_DATA_FULL',
  EACCES: 'RONDO_DATA_UNREADABLE',
  EEXIST: 'RONDO_DATA_UNREADABLE',
  EFBIG: 'RONDO_DATA_UNREADABLE',
  EIO: 'RONDO_DATA_UNREADABLE',
  EISDIR: 'RONDO_DATA_UNREADABLE',
  ELOOP: 'RONDO_DATA_UNREADABLE',
  EMFILE: 'RONDO_DATA_UNREADABLE',
  ENAMETOOLONG: 'RONDO_DATA_UNREADABLE',
  ENOENT: 'RONDO_DATA_UNREADABLE',
  ENOTDIR: 'RONDO_DATA_UNREADABLE',
  EPERM: 'RONDO_DATA_UNREADABLE',
  EROFS: 'RONDO_DATA_UNREADABLE',
  ESTALE: 'RONDO_DATA_UNREADABLE',
}

/** Runs `work` on a file or a folder of an archive, and gives the errors of the file system a stable code and the path. */
export function withinArchive<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw archiveFailure(path, cause)
  }
}

function archiveFailure(path: string, cause: unknown): unknown {
  const code = codes[(cause as NodeJS.ErrnoException | null)?.code ?? '']
  if (cause instanceof RondoError || code === undefined) return cause
  const sentence =
    code === 'RONDO_DATA_FULL'
      ? `The disk of the archive is full: ${path} cannot be written. What the archive had is unchanged, and the log keeps the rest. Free space; the next writing continues there.`
      : `The path ${path} of the archive cannot be read or written. Check that --archive (RONDO_ARCHIVE) names a folder, its permissions and the disk.`
  return new RondoError(code, `${sentence} (${(cause as Error).message})`, { cause, retriable: code === 'RONDO_DATA_FULL' })
}
