import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** As much as SQLite may write before it copies its write-ahead log into the file, twice. */
const RESERVE_BYTES = 8 * 1024 * 1024

/**
 * A file that is deleted when the disk is full: SQLite has to write in order to open a file or to delete from it. Without the reserve, a disk that
 * only the buffer has filled would stay full, because nothing could be removed.
 */
export class DiskReserve {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Creates the file if it is missing and there is room. */
  keep(): void {
    if (existsSync(this.#path)) return
    try {
      writeFileSync(this.#path, Buffer.alloc(RESERVE_BYTES), { flush: true })
    } catch {
      // There is no room now; the next process tries again.
      this.release()
    }
  }

  /** @returns whether there was a reserve */
  release(): boolean {
    const isThere = existsSync(this.#path)
    rmSync(this.#path, { force: true })
    return isThere
  }
}
