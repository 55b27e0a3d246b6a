import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { RondoError } from '#contracts'
import type { SourceRow } from '../rows/source-row.ts'
import { readLines } from '../text/lines.ts'

/** Rows in batches. */
type Batches = Iterable<readonly SourceRow[]> | AsyncIterable<readonly SourceRow[]>

/** The sorted runs of one sort. Each run is a file with one row as JSON in each line. The folder is deleted when the sort ends. */
export class SortFolder {
  /** Paths, in the order of the input: of equal rows those of an earlier run come first. */
  runs: string[] = []
  readonly #parent: string
  #path: string | undefined
  #written = 0

  constructor(parent: string) {
    this.#parent = parent
  }

  /** Writes a run and appends it to `runs`. */
  async write(batches: Batches): Promise<void> {
    this.runs.push(await this.#write(batches))
  }

  /** Writes a run that replaces the first `count`. */
  async replace(count: number, batches: Batches): Promise<void> {
    const merged = await this.#write(batches)
    const replaced = this.runs.splice(0, count, merged)
    await Promise.all(replaced.map((path) => rm(path, { force: true })))
  }

  async *read(path: string): AsyncGenerator<readonly SourceRow[]> {
    for await (const lines of readLines({ path })) yield lines.texts.map((text) => JSON.parse(text) as SourceRow)
  }

  async remove(): Promise<void> {
    if (this.#path !== undefined) await rm(this.#path, { recursive: true, force: true })
  }

  async #write(batches: Batches): Promise<string> {
    try {
      this.#path ??= await mkdtemp(join(this.#parent, 'rondo-sort-'))
      this.#written += 1
      const path = join(this.#path, `${this.#written}.ndjson`)
      await this.#fill(path, batches)
      return path
    } catch (error) {
      throw this.#failure(error)
    }
  }

  async #fill(path: string, batches: Batches): Promise<void> {
    const file = createWriteStream(path)
    // Without a listener of its own an error between two writes would end the process.
    const done = finished(file)
    done.catch(() => undefined)
    for await (const batch of batches) {
      const isTaken = file.write(batch.map((row) => `${JSON.stringify(row)}\n`).join(''))
      if (!isTaken) await Promise.race([once(file, 'drain'), done])
    }
    file.end()
    await done
  }

  #failure(error: unknown): unknown {
    if (error instanceof RondoError) return error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC') return new RondoError('RONDO_DATA_FULL', `The disk is full: the rows to sort do not fit into ${this.#parent}.`, { cause: error })
    return new RondoError('RONDO_DATA_UNREADABLE', `The rows to sort cannot be written to ${this.#parent}: ${message}.`, { cause: error })
  }
}
