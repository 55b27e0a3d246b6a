import { type Instant, RondoError } from '#contracts'
import { openRows, type RefusedRow, type Rows, type RowsOptions, type SourceRow } from '#sources'
import { inputName } from '../rows/input-file.ts'
import { untilStopped } from '../until-stopped.ts'
import { type ImportItem, type ItemSetting, itemOf, refusedItem } from './import-item.ts'
import { RefusedSpool } from './refused-spool.ts'

/** Memory for rows; if they need more, they are sorted on disk. */
const SORT_BYTES = 268_435_456
/** Items in a request; each request needs one sync of the disk. */
const PART_ITEMS = 4096
const PART_LENGTH = 1 << 20

/** The rows of a history, and where they are sorted. */
export interface HistoryOptions extends Omit<RowsOptions, 'sort' | 'onRefused'> {
  /** A folder for rows that do not fit into memory. */
  readonly folder: string
  readonly stop: AbortSignal
  readonly onRefused: (row: RefusedRow) => void
  /** Called with every row that is not refused, also with rows that were imported before. */
  readonly onRow?: (row: SourceRow) => void
}

/** Items in their order, of which the first has the number `first`. */
export interface Part {
  readonly first: number
  readonly items: readonly ImportItem[]
}

/**
 * A history in the order of the import: refused rows in the order of the file, then the other rows, sorted. The same
 * input gives every item the same number, so an interrupted import can continue.
 */
export class History {
  readonly rows: Rows
  readonly #refused: RefusedSpool
  readonly #name: string
  readonly #onRow: (row: SourceRow) => void
  readonly #batches: AsyncIterator<readonly SourceRow[]>
  #head: readonly SourceRow[] | undefined

  constructor({ folder, stop, onRefused, onRow = () => {}, ...options }: HistoryOptions) {
    this.#onRow = onRow
    this.#refused = new RefusedSpool(folder)
    this.#name = inputName(options.input.path)
    this.rows = openRows({
      ...options,
      sort: { memoryBytes: SORT_BYTES, folder },
      onRefused: (row) => {
        this.#refused.add(row)
        onRefused(row)
      },
    })
    this.#batches = untilStopped(this.rows.batches, stop)[Symbol.asyncIterator]()
  }

  /** Reads and sorts everything, since the first row is known only then. */
  async load(): Promise<void> {
    const next = await this.#batches.next()
    this.#head = next.done === true ? [] : next.value
  }

  /** Undefined if there are no rows. */
  get firstTime(): Instant | undefined {
    return this.#loaded()[0]?.time
  }

  /** The number of items. */
  get count(): number {
    const { read, leftOut } = this.rows.counts
    return read - leftOut.from - leftOut.to - leftOut.where
  }

  /** The items from number `from` on. To be called once. */
  async *parts(from: number, setting: Omit<ItemSetting, 'input'>): AsyncGenerator<Part> {
    let items: ImportItem[] = []
    let length = 0
    let first = from
    for await (const item of this.#items(from, { ...setting, input: this.#name })) {
      items.push(item)
      length += item.text.length
      if (items.length < PART_ITEMS && length < PART_LENGTH) continue
      yield { first, items }
      first += items.length
      items = []
      length = 0
    }
    if (items.length > 0) yield { first, items }
  }

  async *#items(from: number, setting: ItemSetting): AsyncGenerator<ImportItem> {
    for (const row of this.#refused.rows(from)) yield refusedItem(row, setting.input)
    let number = this.#refused.count
    for (let batch: readonly SourceRow[] | undefined = this.#loaded(); batch !== undefined; batch = await this.#next()) {
      for (const row of batch) {
        const item = itemOf(row, setting)
        if ('event' in item) this.#onRow(row)
        if (number++ >= from) yield item
      }
    }
  }

  async #next(): Promise<readonly SourceRow[] | undefined> {
    const next = await this.#batches.next()
    return next.done === true ? undefined : next.value
  }

  #loaded(): readonly SourceRow[] {
    if (this.#head === undefined) throw new RondoError('RONDO_INTERNAL', 'A history must be loaded before it is used.')
    return this.#head
  }
}
