import { type AdminRecord, adminRecordSchema } from '#contracts'
import type { FolderActs, FolderLog } from '../folder-log.ts'
import { damaged } from './sqlite-failure.ts'

/** The administrative acts of a data folder, beside the log in log.db. */
export class SqliteAdminLog implements FolderActs {
  readonly #writer: FolderLog
  #last = 0

  constructor(writer: FolderLog) {
    this.#writer = writer
  }

  async append(record: AdminRecord): Promise<void> {
    await this.#writer.append(0, [], { acts: [record] })
  }

  /** @throws RondoError RONDO_DATA_CORRUPT if an act is not as it was written: skipping it could make a revoked key valid */
  async read(): Promise<readonly AdminRecord[]> {
    const rows = this.#writer.acts(this.#last)
    const records = rows.map(({ cursor, record }) => {
      const { success, data } = adminRecordSchema.safeParse(jsonOf(record))
      if (!success) throw damaged(this.#writer.path, `administrative act ${cursor} cannot be read`)
      return data
    })
    this.#last = rows.at(-1)?.cursor ?? this.#last
    return records
  }

  async close(): Promise<void> {}
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
