import { inspect } from 'node:util'
import { RondoError } from '#contracts'
import { readRegularFile, unreadableReason } from '../regular-file.ts'

/** What is shown in the place of a secret. */
const HIDDEN = '…'
/** The certificates of all public authorities take a quarter of it. */
const FILE_BYTES_MAX = 1_048_576
/** A shorter text is not hidden in messages: it would be part of ordinary words. */
const HIDDEN_LENGTH_MIN = 6
/** The texts that this process has used as secrets. */
const used = new Set<string>()

/** A password or token. Its text leaves the object only by {@link reveal}: JSON, logs and texts show dots. */
export class Secret {
  readonly #read: () => string
  /** The text itself, or the file that has it. */
  readonly #origin: string

  private constructor(origin: string, read: () => string) {
    this.#origin = origin
    this.#read = read
  }

  static of(text: string): Secret {
    return new Secret(`text ${text}`, () => text)
  }

  /** The file is read at each use, so a secret that was changed in it is used from the next connection on. @param setting names the file in messages */
  static inFile(path: string, setting: string): Secret {
    return new Secret(`file ${path}`, () => readSecretFile(path, setting))
  }

  /** @throws RondoError RONDO_SECRET_UNREADABLE (retriable) */
  reveal(): string {
    return keepHidden(this.#read())
  }

  /** Whether both are the same text, or are read from the same file: what is in the file now does not matter. */
  hasOriginOf(other: unknown): boolean {
    return other instanceof Secret && other.#origin === this.#origin
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

/** From now on {@link hideSecrets} removes this text. */
export function keepHidden(secret: string): string {
  if (secret.length >= HIDDEN_LENGTH_MIN) used.add(secret)
  return secret
}

/** The text without the secrets of this process: for messages that come from servers and libraries. */
export function hideSecrets(text: string): string {
  let shown = text
  for (const secret of used) shown = shown.replaceAll(secret, HIDDEN)
  return shown
}

/** The text of a file without the end of its last line. @throws RondoError RONDO_SECRET_UNREADABLE (retriable) if the file cannot be read or is empty */
export function readSecretFile(path: string, setting: string): string {
  const text = readServerFile(path, setting).replace(/\r?\n$/, '')
  if (text === '') throw unreadable(setting, path, 'it is empty')
  return text
}

/** The text of a file that a setting names. @throws RondoError RONDO_SECRET_UNREADABLE (retriable) */
export function readServerFile(path: string, setting: string): string {
  try {
    return readRegularFile(path, { bytesMax: FILE_BYTES_MAX }).toString('utf8')
  } catch (cause) {
    throw unreadable(setting, path, unreadableReason(cause))
  }
}

/** The error for a file of a secret or certificate that cannot be used. It is retriable: the file may be replaced while a process runs. */
export function unreadable(setting: string, path: string, reason: string): RondoError {
  return new RondoError('RONDO_SECRET_UNREADABLE', `${setting}: the file ${path} cannot be used: ${reason}. Correct the file or the setting.`, {
    retriable: true,
  })
}
