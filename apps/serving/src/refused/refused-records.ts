import { z } from 'zod'
import { lateRecordSchema, quarantineRecordSchema } from '#contracts'
import { cursorText, readQuery, wholeNumber } from '../answers/query.ts'
import type { ServedFeed } from '../feed/served-feed.ts'
import { cursorOf } from '../feed/transition-feed.ts'

export const lateQuery = z.strictObject({ after: cursorText.default('0'), limit: wholeNumber(1, 1000).default(100) })
/** 'door' is the older name of 'admission'; clients may still send it. */
export const quarantineQuery = lateQuery.extend({ of: z.enum(['admission', 'log', 'door']).default('admission') })

const cursorSchema = z.union([z.int(), z.string()])
/** A page of a list. Its records are sent as they were stored, so the compiler cannot compare them. */
const pageOf = (record: z.ZodType) => z.strictObject({ items: z.array(z.strictObject({ cursor: cursorSchema, record })), next: cursorSchema })
export const quarantineAnswer = pageOf(quarantineRecordSchema)
export const lateAnswer = pageOf(lateRecordSchema)

type List = Pick<ServedFeed, 'cursor' | 'read'>

export interface RefusedLists {
  /** Events that HTTP or an import refused. */
  readonly admission: List
  /** Records of the log that could not be read; the same list as `admission` if both are kept together. */
  readonly log: List
  readonly late: List
}

/** Refused events, with the reason, and late events: they are recorded, and never applied. Oldest first, after a cursor. */
export class RefusedRecords {
  readonly #lists: RefusedLists

  constructor(lists: RefusedLists) {
    this.#lists = lists
  }

  quarantine(query: unknown) {
    const { of, ...range } = readQuery(quarantineQuery, query)
    return page(this.#lists[of === 'door' ? 'admission' : of], range)
  }

  late(query: unknown) {
    return page(this.#lists.late, readQuery(lateQuery, query))
  }
}

async function page(list: List, { after, limit }: z.infer<typeof lateQuery>) {
  const from = cursorOf(list, after)
  const records = await list.read(from, limit)
  const items = records.map(({ cursor, output }) => ({ cursor, record: JSON.parse(output) as unknown }))
  return { items, next: records.at(-1)?.cursor ?? from }
}
