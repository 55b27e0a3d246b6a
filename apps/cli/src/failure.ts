import { printable, RondoError } from '#contracts'
import { exitCodes } from './exit-code.ts'

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user has no permission',
  EPERM: 'this user has no permission',
  EROFS: 'the disk is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the link refers to itself',
  EMFILE: 'too many files are open',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is too large',
}

/** The code of a system error, such as ENOENT; an empty text for other errors. */
export const errnoOf = (error: unknown): string => (error as NodeJS.ErrnoException | null)?.code ?? ''

/** The reason that the file system gave, as a clause. */
export function fileReason(error: unknown): string {
  return reasons[errnoOf(error)] ?? (error as Error).message
}

/** One sentence and its code. A message with several sentences has one on each line. */
export function failureText(error: RondoError): string {
  const message = error.message.split('\n').map(printable).join('\n')
  return `rondo: ${message} (${error.code})\n`
}

/** Any failure as a RondoError: one without a code becomes RONDO_INTERNAL. */
export function asRondoError(error: unknown): RondoError {
  if (error instanceof RondoError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RondoError('RONDO_INTERNAL', `This is a defect in Rondo itself: ${message}. RONDO_DEBUG=1 shows where.`, { cause: error })
}

/** The exit code of the command for an error. */
export function exitCodeOf({ code }: RondoError): number {
  return code === 'RONDO_ARGUMENT_INVALID' || code === 'RONDO_DEFINITION_INVALID' || code === 'RONDO_DEFINITION_UNREADABLE'
    ? exitCodes.invalid
    : exitCodes.failed
}

/** The error for an argument that the command cannot use. */
export const invalidArgument = (message: string): RondoError => new RondoError('RONDO_ARGUMENT_INVALID', message)
