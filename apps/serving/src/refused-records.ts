import { z } from 'zod'
import type { SqliteStateReader } from '#event-log'
import { cursorParameter, readQuery, wholeNumber } from './query.ts'

const querySchema = z.strictObject({ after: cursorParameter.default(0), limit: wholeNumber(1, 1000).default(100) })

type RecordReader = Pick<SqliteStateReader, 'late' | 'quarantine'>

/** What was refused, with the reason, and what came too late: recorded, never applied. Oldest first, from after a cursor. */
export class RefusedRecords {
  readonly #reader: RecordReader

  constructor(reader: RecordReader) {
    this.#reader = reader
  }

  quarantine(query: unknown) {
    return this.#page('quarantine', query)
  }

  late(query: unknown) {
    return this.#page('late', query)
  }

  async #page(topic: keyof RecordReader, query: unknown) {
    const { after, limit } = readQuery(querySchema, query)
    const records = await this.#reader[topic](after, limit)
    const items = records.map(({ cursor, record }) => ({ cursor, record: JSON.parse(record) as unknown }))
    return { items, next: records.at(-1)?.cursor ?? after }
  }
}
