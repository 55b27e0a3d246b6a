import type { DatabaseSync } from 'node:sqlite'
import { formatInstant, type Instant, instantOf, type QuarantineRecord } from '#contracts'
import type { QuarantineLimits, QuarantineUsage } from '../folder-log.ts'

/** What the limits have removed so far. `last` is the greatest cursor of these: no cursor is used twice. */
interface Dropped {
  readonly records: number
  readonly last: number
  readonly lastAt: string | null
}

/** What is read of one of the oldest rows, to decide whether it is removed. */
interface OldestRow {
  readonly cursor: number
  readonly bytes: number
  readonly refusedAt: string | null
}

/** The name under which the table of notes has {@link Dropped}. */
const NOTE = 'quarantine'
/** The number of rows that are examined and deleted together, so that they need little memory. */
const ROWS_AT_ONCE = 1000
const NOTHING: Dropped = { records: 0, last: 0, lastAt: null }

/**
 * The refused events of admission in log.db, the oldest removed when there are too many or too old ones. It is written in the transactions of the writer of
 * log.db; after one that failed, call {@link reload}.
 */
export class RefusedTable {
  readonly #statements: ReturnType<typeof prepare>
  #limits: QuarantineLimits = { bytesMax: Number.POSITIVE_INFINITY, ageMsMax: Number.POSITIVE_INFINITY }
  #records = 0
  #bytes = 0
  #next = 1
  #dropped = NOTHING

  constructor(db: DatabaseSync) {
    this.#statements = prepare(db)
    this.reload()
  }

  reload(): void {
    const { totals, note } = this.#statements
    const { records, bytes, last } = totals.get() as { records: number; bytes: number; last: number }
    const stored = note.get(NOTE)?.['value'] as string | undefined
    this.#dropped = stored === undefined ? NOTHING : (JSON.parse(stored) as Dropped)
    this.#records = records
    this.#bytes = bytes
    this.#next = Math.max(last, this.#dropped.last) + 1
  }

  limit(limits: QuarantineLimits): void {
    this.#limits = limits
  }

  get usage(): QuarantineUsage {
    const { records, lastAt } = this.#dropped
    return { records: this.#records, bytes: this.#bytes, dropped: { records, lastAt }, ...this.#limits }
  }

  add(records: readonly QuarantineRecord[]): void {
    for (const record of records) {
      const text = JSON.stringify(record)
      this.#statements.insert.run(this.#next++, text)
      this.#records += 1
      this.#bytes += Buffer.byteLength(text)
    }
    const newest = records.at(-1)?.refusedAt
    if (typeof newest === 'string') this.trim(instantOf(newest))
  }

  page(after: number, limit: number): { cursor: number; record: string }[] {
    return this.#statements.page.all(after, limit) as { cursor: number; record: string }[]
  }

  /** Removes what is beyond the limits at a time. */
  trim(now: Instant): void {
    const { bytesMax, ageMsMax } = this.#limits
    const before = Number.isFinite(ageMsMax) ? now - ageMsMax : Number.NEGATIVE_INFINITY
    for (let isMore = true; isMore; ) {
      const rows = this.#statements.oldest.all(ROWS_AT_ONCE) as unknown as OldestRow[]
      let [records, bytes] = [0, 0]
      for (const row of rows) {
        const isOld = row.refusedAt !== null && instantOf(row.refusedAt) < before
        if (!isOld && this.#bytes - bytes <= bytesMax) break
        records += 1
        bytes += row.bytes
      }
      isMore = records > 0 && records === rows.length
      const last = rows[records - 1]?.cursor
      if (last !== undefined) this.#drop({ records, bytes, last, now })
    }
  }

  #drop({ records, bytes, last, now }: { records: number; bytes: number; last: number; now: Instant }): void {
    const { remove, putNote } = this.#statements
    remove.run(last)
    this.#records -= records
    this.#bytes -= bytes
    this.#dropped = { records: this.#dropped.records + records, last, lastAt: formatInstant(now) }
    putNote.run(NOTE, JSON.stringify(this.#dropped))
  }
}

function prepare(db: DatabaseSync) {
  return {
    totals: db.prepare('SELECT count(*) AS records, coalesce(sum(octet_length(record)), 0) AS bytes, coalesce(max("cursor"), 0) AS last FROM quarantine'),
    insert: db.prepare('INSERT INTO quarantine ("cursor", record) VALUES (?, ?)'),
    page: db.prepare('SELECT "cursor", record FROM quarantine WHERE "cursor" > ? ORDER BY "cursor" LIMIT ?'),
    oldest: db.prepare(`SELECT "cursor", octet_length(record) AS bytes, json_extract(record, '$.refusedAt') AS refusedAt
      FROM quarantine ORDER BY "cursor" LIMIT ?`),
    remove: db.prepare('DELETE FROM quarantine WHERE "cursor" <= ?'),
    note: db.prepare('SELECT value FROM notes WHERE name = ?'),
    putNote: db.prepare('INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'),
  }
}
