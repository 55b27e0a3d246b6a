import { unusable } from './query.ts'

/** The key of an item: what its list is ordered by. */
export type CursorKey = readonly (string | number | null)[]

/**
 * The cursors of one list of one cycle. They hold the key of an item, so they are valid in every process that has the list, also after a restart, and in no
 * other list.
 */
export class ListCursors<Key extends CursorKey> {
  readonly #list: string
  readonly #isKey: (key: CursorKey) => boolean

  /**
   * @param list what tells the list from others: its name, the cycle, and what was asked
   * @param isKey whether a key has the form of this list's keys
   */
  constructor(list: readonly unknown[], isKey: (key: CursorKey) => boolean) {
    this.#list = JSON.stringify(list)
    this.#isKey = isKey
  }

  write(key: Key): string {
    return Buffer.from(JSON.stringify([this.#list, key])).toString('base64url')
  }

  /** @throws RondoError RONDO_ARGUMENT_INVALID for the cursor of another list, and for any other text */
  read(cursor: string): Key {
    const key = this.#keyIn(cursor)
    if (key !== undefined) return key
    const shown = JSON.stringify(cursor.slice(0, 40))
    throw unusable('after', `${shown} is no cursor of this list; expected the \`next\` of a page of the same question, or no \`after\` for the first page`)
  }

  #keyIn(cursor: string): Key | undefined {
    try {
      const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
      const [list, key] = Array.isArray(parsed) ? parsed : []
      return list === this.#list && Array.isArray(key) && this.#isKey(key) ? (key as CursorKey as Key) : undefined
    } catch {
      return undefined
    }
  }
}

/** Whether a part of a key is a text. */
export const isText = (part: unknown): boolean => typeof part === 'string'
