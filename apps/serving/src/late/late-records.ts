import { z } from 'zod'
import { lateRecordSchema } from '#contracts'
import { cursorText, cycleParameter, readQuery, wholeNumber } from '../answers/query.ts'
import type { ServedFeed } from '../feed/served-feed.ts'
import { cursorOf } from '../feed/transition-feed.ts'

export const lateQuery = z.strictObject({ after: cursorText.default('0'), limit: wholeNumber(1, 1000).default(100), cycle: cycleParameter })

const cursorSchema = z.union([z.int(), z.string()])
/** Its records are sent as they were stored, so the compiler cannot compare them. */
export const lateAnswer = z.strictObject({ items: z.array(z.strictObject({ cursor: cursorSchema, record: lateRecordSchema })), next: cursorSchema })

/** Late events: they are recorded, and never applied. Oldest first, after a cursor. */
export class LateRecords {
  readonly #list: Pick<ServedFeed, 'cursor' | 'read'>

  constructor(list: Pick<ServedFeed, 'cursor' | 'read'>) {
    this.#list = list
  }

  async page(query: unknown) {
    const { after, limit } = readQuery(lateQuery, query)
    const from = cursorOf(this.#list, after)
    const records = await this.#list.read(from, limit)
    const items = records.map(({ cursor, output }) => ({ cursor, record: JSON.parse(output) as unknown }))
    return { items, next: records.at(-1)?.cursor ?? from }
  }
}
