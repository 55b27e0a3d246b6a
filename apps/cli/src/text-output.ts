import { constants, createWriteStream, fstatSync, ftruncateSync, openSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { RondoError } from '#contracts'
import { errnoOf, fileReason, invalidArgument } from './failure.ts'

/** Many small writes cost more than the text itself. */
const CHUNK_LENGTH = 262_144

/** Text on its way to a file or a stream, in large chunks; who writes waits for whoever reads. */
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

  /** To be called between steps of bounded size. @throws RondoError RONDO_DATA_FULL, RONDO_DATA_UNREADABLE; EPIPE as it comes. */
  async drain(): Promise<void> {
    if (this.#text.length >= CHUNK_LENGTH) await this.flush()
  }

  /** Everything written so far is handed over when this returns. */
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
    this.#stream = this.#begin()
    // Without a listener the error that the writer is told of would end the process besides.
    this.#stream.on('error', (error) => {
      this.#error ??= error
    })
    return this.#stream
  }

  #failure(error: Error): unknown {
    const code = errnoOf(error)
    if (code === 'EPIPE') return error
    const sentence = `${this.name} cannot be written to the end: ${fileReason(error)}. What it holds is incomplete.`
    return new RondoError(code === 'ENOSPC' || code === 'EDQUOT' ? 'RONDO_DATA_FULL' : 'RONDO_DATA_UNREADABLE', sentence, { cause: error })
  }
}

/** A file that is there and may be written, or why not. Only the first chunk empties it, so that a run that does not begin leaves it as it was. */
export class TextFile {
  readonly descriptor: number
  readonly output: TextOutput

  /** @throws RondoError RONDO_ARGUMENT_INVALID */
  constructor(option: string, path: string) {
    try {
      this.descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666)
    } catch (error) {
      throw invalidArgument(`${option} ${path} cannot be written: ${fileReason(error)}.`)
    }
    const { descriptor } = this
    this.output = new TextOutput(path, () => {
      if (fstatSync(descriptor).isFile()) ftruncateSync(descriptor)
      return createWriteStream(path, { fd: descriptor })
    })
  }
}
