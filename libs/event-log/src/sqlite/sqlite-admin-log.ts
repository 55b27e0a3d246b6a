import type { AdminRecord } from '#contracts'
import type { FolderActs, FolderLog } from '../folder-log.ts'
import { storedAct } from '../stored-act.ts'
import { damaged } from './sqlite-failure.ts'

/** The administrative acts of a data folder, beside the log in log.db. */
export class SqliteAdminLog implements FolderActs {
  readonly #writer: FolderLog
  readonly #onSkipped: (text: string) => void
  #last = 0

  /** @param onSkipped called with the sentence that reports an act of a later release, which this one does not know */
  constructor(writer: FolderLog, onSkipped: (text: string) => void = () => {}) {
    this.#writer = writer
    this.#onSkipped = onSkipped
  }

  async append(record: AdminRecord): Promise<void> {
    await this.#writer.append(0, [], { acts: [record] })
  }

  /** @throws RondoError RONDO_DATA_CORRUPT if an act is not as it was written: skipping it could make a revoked key valid; _MISMATCH as {@link storedAct} */
  async read(): Promise<readonly AdminRecord[]> {
    const rows = this.#writer.acts(this.#last)
    const records = rows.map(({ cursor, record }) =>
      storedAct(record, {
        where: `Administrative act ${cursor} in ${this.#writer.path}`,
        damaged: () => damaged(this.#writer.path, `administrative act ${cursor} cannot be read`),
        onSkipped: this.#onSkipped,
      }),
    )
    this.#last = rows.at(-1)?.cursor ?? this.#last
    return records.filter((record) => record !== undefined)
  }

  async close(): Promise<void> {}
}
