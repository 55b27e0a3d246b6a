import { z } from 'zod'
import { cursorText, readQuery, wholeNumber } from '../answers/query.ts'
import type { ServedFeed } from '../feed/served-feed.ts'
import { cursorOf } from '../feed/transition-feed.ts'

const querySchema = z.strictObject({ after: cursorText.default('0'), limit: wholeNumber(1, 1000).default(100) })
const quarantineSchema = querySchema.extend({ of: z.enum(['door', 'log']).default('door') })

type List = Pick<ServedFeed, 'cursor' | 'read'>

export interface RefusedLists {
  /** What HTTP and imports refused. */
  readonly door: List
  /** What stood in the log and could not be read; the same as `door` where both are kept together. */
  readonly log: List
  readonly late: List
}

/** What was refused, with the reason, and what came too late: recorded, never applied. Oldest first, from after a cursor. */
export class RefusedRecords {
  readonly #lists: RefusedLists

  constructor(lists: RefusedLists) {
    this.#lists = lists
  }

  quarantine(query: unknown) {
    const { of, ...range } = readQuery(quarantineSchema, query)
    return page(this.#lists[of], range)
  }

  late(query: unknown) {
    return page(this.#lists.late, readQuery(querySchema, query))
  }
}

async function page(list: List, { after, limit }: z.infer<typeof querySchema>) {
  const from = cursorOf(list, after)
  const records = await list.read(from, limit)
  const items = records.map(({ cursor, output }) => ({ cursor, record: JSON.parse(output) as unknown }))
  return { items, next: records.at(-1)?.cursor ?? from }
}
