import { openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { RondoError } from '#contracts'
import type { RefusedRow } from '#sources'
import { fileReason } from '../failure.ts'

/** Refused rows on disk until they are sent: there may be as many of them as rows. */
export class RefusedSpool {
  readonly #file: number
  readonly #lengths: number[] = []

  constructor(folder: string) {
    this.#file = openSync(join(folder, 'refused'), 'w+')
  }

  get count(): number {
    return this.#lengths.length
  }

  add(row: RefusedRow): void {
    const bytes = Buffer.from(JSON.stringify(row))
    try {
      writeSync(this.#file, bytes)
    } catch (error) {
      throw new RondoError('RONDO_DATA_FULL', `The refused rows cannot be kept in the folder for temporary files: ${fileReason(error)}.`, { cause: error })
    }
    this.#lengths.push(bytes.length)
  }

  /** The rows from number `first`; numbers begin with 0. */
  *rows(first: number): Generator<RefusedRow> {
    let position = 0
    for (const [number, length] of this.#lengths.entries()) {
      if (number >= first) {
        const bytes = Buffer.alloc(length)
        readSync(this.#file, bytes, 0, length, position)
        yield JSON.parse(bytes.toString()) as RefusedRow
      }
      position += length
    }
  }
}
