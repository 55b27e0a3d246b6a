import { z } from 'zod'
import type { SqliteLogWriter, SqliteStateReader } from '#event-log'
import { cursorParameter, readQuery, wholeNumber } from './query.ts'

const querySchema = z.strictObject({ after: cursorParameter.default(0), limit: wholeNumber(1, 1000).default(100) })
const quarantineSchema = querySchema.extend({ of: z.enum(['door', 'log']).default('door') })

type RecordReader = Pick<SqliteStateReader, 'late' | 'quarantine'>
type Page = (after: number, limit: number) => Awaitable<readonly { readonly cursor: number; readonly record: string }[]>
type Awaitable<T> = T | Promise<T>

/** What was refused, with the reason, and what came too late: recorded, never applied. Oldest first, from after a cursor. */
export class RefusedRecords {
  readonly #state: RecordReader
  readonly #door: Pick<SqliteLogWriter, 'quarantine'>

  /** @param door what HTTP and imports refused; the state has what stood in the log and could not be read */
  constructor(state: RecordReader, door: Pick<SqliteLogWriter, 'quarantine'>) {
    this.#state = state
    this.#door = door
  }

  quarantine(query: unknown) {
    const { of, ...range } = readQuery(quarantineSchema, query)
    return this.#page((after, limit) => (of === 'door' ? this.#door : this.#state).quarantine(after, limit), range)
  }

  late(query: unknown) {
    return this.#page((after, limit) => this.#state.late(after, limit), readQuery(querySchema, query))
  }

  async #page(read: Page, { after, limit }: z.infer<typeof querySchema>) {
    const records = await read(after, limit)
    const items = records.map(({ cursor, record }) => ({ cursor, record: JSON.parse(record) as unknown }))
    return { items, next: records.at(-1)?.cursor ?? after }
  }
}
