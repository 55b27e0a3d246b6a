import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { RondoError } from '#contracts'
import { countExport, type ExportTable, exportFormats, exportInto, exportTables, type HistoryReader, makeExportFolder } from '#history'
import { readQuery, timeParameter } from '../answers/query.ts'

/** How many exports may be written and sent at once: each reads a whole relation, and has a file. */
const EXPORTS_MAX = 2
/** When a client that finds no free place should ask again. */
const RETRY_AFTER_MS = 10_000
/** More than a row takes in any format; and what stays free for the log and the history. */
const ROW_BYTES = 512
const KEPT_FREE_BYTES = 256 << 20

const types = { csv: 'text/csv', ndjson: 'application/x-ndjson', parquet: 'application/vnd.apache.parquet' } as const
export const exportContent = Object.fromEntries(Object.values(types).map((type) => [type, z.string()]))

export const exportQuery = z
  .strictObject({
    as: z.enum(exportFormats, { error: `expected one of ${exportFormats.join(', ')}` }).default('csv'),
    from: timeParameter.optional(),
    until: timeParameter.optional(),
  })
  .refine(({ from, until }) => from === undefined || until === undefined || from < until, {
    error: 'from and until: expected a range that begins before it ends',
  })

/** A history, and the folder in which its exports are written. */
export interface ExportedHistory {
  readonly cycle: string
  readonly reader: HistoryReader
  readonly folder: string
}

/** What is sent. */
interface Export {
  readonly stream: Readable
  readonly type: string
  readonly fileName: string
  readonly bytes: number
}

/** The exports of a process: relations of a history as files, which nobody finds once they are sent. */
export class HistoryExports {
  readonly #freeBytes: (folder: string) => Promise<number>
  #running = 0

  /** @param freeBytes the free space of the disk of a folder */
  constructor(freeBytes = freeBytesOf) {
    this.#freeBytes = freeBytes
  }

  /**
   * Writes a relation into a file, and gives its content. The file has no name any more by then, so that nothing of it stays, however the sending ends.
   * @throws RondoError RONDO_NOT_FOUND, RONDO_ARGUMENT_INVALID, RONDO_OVERLOADED, RONDO_DATA_FULL, RONDO_HISTORY_UNAVAILABLE
   */
  async open(source: { readonly exported: ExportedHistory }, table: string, query: unknown): Promise<Export> {
    const { as, ...range } = readQuery(exportQuery, query)
    if (!isTable(table)) throw new RondoError('RONDO_NOT_FOUND', `There is no export ${JSON.stringify(table)}; there are ${exportTables.join(', ')}.`)
    const history = source.exported
    if (this.#running >= EXPORTS_MAX) {
      const message = `${EXPORTS_MAX} exports are being sent, and no more may be. Ask again later.`
      throw new RondoError('RONDO_OVERLOADED', message, { retriable: true, retryAfterMs: RETRY_AFTER_MS })
    }
    this.#running += 1
    try {
      const question = { table, format: as, ...range }
      await this.#checkSpace(history.folder, await countExport(history.reader, question))
      const stored = await this.#write(history, question)
      return { ...stored, type: types[as], fileName: `${history.cycle}-${table}.${as}` }
    } catch (failure) {
      this.#running -= 1
      throw failure
    }
  }

  async #checkSpace(folder: string, rows: number): Promise<void> {
    if ((await this.#freeBytes(folder)) > rows * ROW_BYTES + KEPT_FREE_BYTES) return
    throw new RondoError(
      'RONDO_DATA_FULL',
      `The disk of ${folder} has too little space for an export of ${rows} rows. Ask for a shorter range, or free space.`,
      {
        retriable: true,
      },
    )
  }

  async #write({ cycle, reader, folder }: ExportedHistory, question: Parameters<typeof exportInto>[2]): Promise<Pick<Export, 'stream' | 'bytes'>> {
    const place = await makeExportFolder(folder, cycle)
    try {
      const path = join(place, 'rows')
      await exportInto(reader, path, question)
      const file = await open(path)
      const { size } = await file.stat()
      const stream = file.createReadStream()
      let isSending = true
      const release = (): void => {
        if (isSending) this.#running -= 1
        isSending = false
      }
      // The end comes before the client has the last bytes; without it, the client has gone.
      stream.once('end', release).once('close', release)
      return { stream, bytes: size }
    } finally {
      await rm(place, { recursive: true })
    }
  }
}

function isTable(name: string): name is ExportTable {
  return (exportTables as readonly string[]).includes(name)
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
