import type { DatabaseSync } from 'node:sqlite'
import { RondoError } from '#contracts'

const ARCHIVE_NOTE = 'archive'
/** So many pages are given back to the disk in one transaction at most, so that a trim holds up no append for long. */
const PAGES_AT_ONCE = 512

/** Where the frames of each partition begin in log.db, after a part of them was moved into an archive; kept as notes in the transactions that remove frames. */
export class LogBeginning {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #getNote
  readonly #putNote
  readonly #delete

  constructor(db: DatabaseSync, path: string) {
    this.#db = db
    this.#path = path
    this.#getNote = db.prepare('SELECT value FROM notes WHERE name = ?')
    this.#putNote = db.prepare('INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')
    this.#delete = db.prepare('DELETE FROM frames WHERE partition = ? AND "offset" < ?')
  }

  /** The first offset that was not removed. */
  of(partition: number): number {
    return Number(this.#getNote.get(noteOf(partition))?.['value'] ?? 0)
  }

  /** The folder of the archive that has what was removed; undefined if nothing was. */
  get archive(): string | undefined {
    return this.#getNote.get(ARCHIVE_NOTE)?.['value'] as string | undefined
  }

  /** Removes the frames below an offset, inside of the caller's transaction. */
  trim(partition: number, { below, archive }: { below: number; archive: string }): void {
    if (below <= this.of(partition)) return
    this.#delete.run(partition, below)
    this.#putNote.run(noteOf(partition), String(below))
    this.#putNote.run(ARCHIVE_NOTE, archive)
    this.#db.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`)
  }

  /** @throws RondoError RONDO_LOG_INCOMPLETE if the frame at this offset was removed */
  checkNotTrimmed(partition: number, offset: number): void {
    const begin = this.of(partition)
    if (offset >= begin) return
    throw new RondoError(
      'RONDO_LOG_INCOMPLETE',
      `${this.#path} begins at offset ${begin}: the frames before it are in the archive ${this.archive}, and offset ${offset} is not found there. Name the archive of this folder by RONDO_ARCHIVE, or bring it back.`,
    )
  }
}

const noteOf = (partition: number): string => `trimmed.${partition}`
