import { accessSync, constants, createWriteStream, existsSync, openSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { RondoError } from '#contracts'
import { errnoOf, fileReason, invalidArgument } from './failure.ts'

/** Text is written in chunks of this length, because many small writes are slow. */
const CHUNK_LENGTH = 262_144

/** Writes text to a file or a stream, in large chunks; waits if the reader is slow. */
export class TextOutput {
  readonly name: string
  readonly #begin: () => Writable
  #stream: Writable | undefined
  #text = ''
  #error: Error | undefined

  constructor(name: string, begin: () => Writable) {
    this.name = name
    this.#begin = begin
  }

  write(text: string): void {
    this.#text += text
  }

  /**
   * Writes the text if there is enough for a chunk. Callers call it between limited steps.
   * @throws RondoError RONDO_DATA_FULL, RONDO_DATA_UNREADABLE; the EPIPE error unchanged
   */
  async drain(): Promise<void> {
    if (this.#text.length >= CHUNK_LENGTH) await this.flush()
  }

  /** Writes all text. @throws as {@link drain} */
  async flush(): Promise<void> {
    const stream = this.#opened()
    const text = this.#text
    this.#text = ''
    const { promise, resolve } = Promise.withResolvers<Error | null | undefined>()
    stream.write(text, resolve)
    const error = await promise
    if (error) throw this.#failure(this.#error ?? error)
  }

  #opened(): Writable {
    if (this.#stream !== undefined) return this.#stream
    this.#stream = this.#started()
    // Without a listener an error would end the process. The callback of the write receives the error too.
    this.#stream.on('error', (error) => {
      this.#error ??= error
    })
    return this.#stream
  }

  #started(): Writable {
    try {
      return this.#begin()
    } catch (error) {
      throw this.#failure(error)
    }
  }

  #failure(error: unknown): unknown {
    const code = errnoOf(error)
    if (code === 'EPIPE') return error
    const sentence = `${this.name} cannot be written to the end: ${fileReason(error)}. What it holds is incomplete.`
    return new RondoError(code === 'ENOSPC' || code === 'EDQUOT' ? 'RONDO_DATA_FULL' : 'RONDO_DATA_UNREADABLE', sentence, { cause: error })
  }
}

/**
 * An output file. It is checked now and opened with the first chunk, so that a run that does not begin leaves it unchanged.
 * @throws RondoError RONDO_ARGUMENT_INVALID if it cannot be written
 */
export function fileOutput(option: string, path: string): TextOutput {
  try {
    const exists = existsSync(path)
    accessSync(exists ? path : dirname(resolve(path)), constants.W_OK)
    if (!exists || !statSync(path).isDirectory()) return new TextOutput(path, () => createWriteStream(path, { fd: openSync(path, 'w') }))
  } catch (error) {
    throw invalidArgument(`${option} ${path} cannot be written: ${fileReason(error)}.`)
  }
  throw invalidArgument(`${option} ${path} cannot be written: it is a folder.`)
}
