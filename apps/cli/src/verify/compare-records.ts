import type { Feed } from '#event-log'
import type { ComparedPart, Differences } from './differences.ts'

const PAGE = 1_000

/** A list whose records have growing cursors. */
export type ReadList = (after: number, limit: number) => Promise<readonly ListedRecord[]>

/** A record of a list, as it is stored. */
interface ListedRecord {
  readonly cursor: number
  readonly text: string
}

/** A list that is stored, and the one that was made again. */
export interface ComparedLists {
  readonly part: ComparedPart
  /** What a record is called in messages. */
  readonly name: string
  readonly stored: ReadList
  readonly expected: ReadList
  /** The cursor of the last stored record that must follow from the log; all, if it is not set. Those behind it may have been published since. */
  readonly storedTo?: number
  /** Whether equal records have equal cursors. */
  readonly hasSameCursors: boolean
}

/** Compares two lists byte by byte. @returns how many records were expected */
export async function compareRecords(
  { part, name, stored, expected, storedTo = Number.POSITIVE_INFINITY, hasSameCursors }: ComparedLists,
  differences: Differences,
  onProgress: (records: number) => Promise<void>,
): Promise<number> {
  let [number, expectedRecords] = [0, 0]
  for await (const { one, other } of pairsOf(stored, expected)) {
    if (other === undefined && (one?.cursor ?? 0) > storedTo) break
    number += 1
    if (other !== undefined) expectedRecords += 1
    await onProgress(number)
    if (!isSame(one, other, hasSameCursors)) differences.compare(part, `${name} ${number}`, { stored: one, expected: other })
  }
  return expectedRecords
}

/** The records of two lists at each place; undefined behind the end of one. */
async function* pairsOf(stored: ReadList, expected: ReadList): AsyncGenerator<{ one: ListedRecord | undefined; other: ListedRecord | undefined }> {
  const [found, due] = [itemsOf(stored), itemsOf(expected)]
  for (;;) {
    const [{ value: one }, { value: other }] = await Promise.all([found.next(), due.next()])
    if (one === undefined && other === undefined) return
    yield { one, other }
  }
}

const isSame = (one: ListedRecord | undefined, other: ListedRecord | undefined, hasSameCursors: boolean): boolean =>
  one?.text === other?.text && (!hasSameCursors || one?.cursor === other?.cursor)

/** The outputs of a feed as such a list. */
export const outputsOf =
  (feed: Pick<Feed, 'read'>): ReadList =>
  async (after, limit) =>
    (await feed.read(after, limit)).map(({ cursor, output }) => ({ cursor, text: output }))

/** Late events and refused records of a state as such a list. */
export const textsOf =
  (read: (after: number, limit: number) => Promise<readonly { readonly cursor: number; readonly record: string }[]>): ReadList =>
  async (after, limit) =>
    (await read(after, limit)).map(({ cursor, record }) => ({ cursor, text: record }))

/** All records of a list; undefined behind its end. */
async function* itemsOf(read: ReadList): AsyncGenerator<ListedRecord, undefined> {
  for (let after = 0; ; ) {
    const page = await read(after, PAGE)
    yield* page
    const last = page.at(-1)
    if (last === undefined) return undefined
    after = last.cursor
  }
}
