import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { RondoError } from '#contracts'
import type { LogRecord } from '../event-log.ts'
import { joinDatabase } from './database-file.ts'
import { metaOf } from './file-identity.ts'
import { FrameReader } from './frame-reader.ts'
import { logFile } from './log-file.ts'
import { withinFile } from './sqlite-failure.ts'
import { stateFile } from './state-file.ts'

const PAGE_BYTES = 4 << 20

/** The checkpoints of a partition that one fold has stored. */
export interface StoredCheckpoints {
  /** The file or the topic that has them. */
  readonly name: string
  /** The metadata of each part. */
  readonly checkpoints: readonly string[]
  /** Why they cannot be read: then all records are needed. */
  readonly failure?: RondoError
}

/** The log of a data folder from its beginning, whatever is folded from it. It is read beside a Rondo that runs on the folder, or without one. */
export class FolderHistory {
  readonly path: string
  /** Which log this is. */
  readonly name: Readonly<Record<string, string>>
  readonly partitions: number
  readonly #frames: FrameReader

  /** @throws RondoError RONDO_DATA_UNREADABLE if there is no log; other RONDO_DATA_* */
  constructor(folder: string) {
    this.path = resolve(folder)
    const file = join(this.path, 'log.db')
    if (!existsSync(file)) throw new RondoError('RONDO_DATA_UNREADABLE', `There is no log.db in ${this.path}. Name the data folder of a Rondo.`)
    const db = joinDatabase(file, logFile, 'read')
    const meta = withinFile(file, () => metaOf(db))
    db.close()
    this.partitions = Number(meta.get('partitions') ?? 1)
    this.#frames = new FrameReader(this.path)
    this.name = this.#frames.name
  }

  /** The first offset that log.db still has, and the offset after its last frame. */
  async bounds(partition: number): Promise<{ begin: number; end: number }> {
    return { begin: this.#frames.first(partition), end: this.#frames.last(partition) + 1 }
  }

  async *records(partition: number, from: number): AsyncGenerator<LogRecord> {
    const end = this.#frames.last(partition)
    for (let next = from; next <= end; ) {
      const records = this.#frames.read(partition, next, PAGE_BYTES)
      if (records.length === 0) return
      yield* records
      next = (records.at(-1)?.offset ?? end) + 1
    }
  }

  /** Records from an offset on, up to about `bytesMax` bytes. @throws RondoError RONDO_LOG_INCOMPLETE if they are in the archive; RONDO_DATA_CORRUPT */
  async read(partition: number, offset: number, bytesMax: number): Promise<readonly LogRecord[]> {
    return this.#frames.read(partition, offset, bytesMax)
  }

  /** The folder of the archive that has the records which log.db no longer has; undefined if it was never trimmed. */
  get archive(): string | undefined {
    return this.#frames.archive
  }

  /** The checkpoints of a partition in each state file of the folder; none, with the failure, of a file that cannot be read. */
  async checkpoints(partition: number): Promise<StoredCheckpoints[]> {
    const files = readdirSync(this.path).filter((name) => /^state(-.*)?\.db$/.test(name))
    return files.sort().map((file) => checkpointsIn(join(this.path, file), partition))
  }

  close(): void {
    this.#frames.close()
  }
}

function checkpointsIn(name: string, partition: number): StoredCheckpoints {
  try {
    const db = joinDatabase(name, stateFile, 'read')
    try {
      const stamps = withinFile(name, () => db.prepare('SELECT stamp FROM checkpoints WHERE partition = ?').all(partition))
      return { name, checkpoints: stamps.map(({ stamp }) => stamp as string) }
    } finally {
      db.close()
    }
  } catch (failure) {
    if (failure instanceof RondoError) return { name, checkpoints: [], failure }
    throw failure
  }
}
