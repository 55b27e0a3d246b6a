import { cursorParts, storedRefusal } from '../activity/stored-refusal.ts'
import type { FolderLog } from '../folder-log.ts'
import { type KeptRefusal, type RefusedStore, type RefusedUsage } from '../refused-store.ts'
import type { StateReader } from './sqlite-state-reader.ts'

/** The two lists of a folder, and what their ids begin with: what admission refused is in log.db, what the fold refused in state.db. */
const LISTS = ['a', 'l'] as const

/** Rows of a list, as JSON. */
type StoredRecords = readonly { readonly cursor: number; readonly record: string }[]

/** The refused events of a data folder. */
export class FolderRefused implements RefusedStore {
  readonly #log: Pick<FolderLog, 'quarantine' | 'quarantineUsage'>
  readonly #state: Pick<StateReader, 'quarantine' | 'close'>

  constructor(log: Pick<FolderLog, 'quarantine' | 'quarantineUsage'>, state: Pick<StateReader, 'quarantine' | 'close'>) {
    this.#log = log
    this.#state = state
  }

  async read(after: string, limit: number): Promise<readonly KeptRefusal[]> {
    const parts = cursorParts(after, LISTS.length)
    const kept: KeptRefusal[] = []
    for (const [list, name] of LISTS.entries()) {
      for (const { cursor, record } of await this.#page(name, parts[list] ?? 0, limit - kept.length)) {
        parts[list] = cursor
        kept.push({ id: `${name}-${cursor}`, cursor: parts.join('.'), record: storedRefusal(record, `${name}-${cursor}`) })
      }
    }
    return kept
  }

  async find(id: string): Promise<KeptRefusal | undefined> {
    // Rows are counted from 1.
    const [, name, number] = /^([al])-([1-9]\d{0,14})$/.exec(id) ?? []
    if (name === undefined) return undefined
    // The position just before this row, and at the end of the other list: the next row that is read is this one, if it still exists.
    const at = LISTS.map((list) => (list === name ? Number(number) - 1 : Number.MAX_SAFE_INTEGER))
    const [kept] = await this.read(at.join('.'), 1)
    return kept?.id === id ? kept : undefined
  }

  /** The limits hold for what admission refused; of what the fold refused, the newest 10,000 are kept. */
  async usage(): Promise<RefusedUsage> {
    const { bytesMax, ageMsMax, ...usage } = this.#log.quarantineUsage
    return { ...usage, bytesMax: finite(bytesMax), ageMsMax: finite(ageMsMax) }
  }

  async close(): Promise<void> {
    this.#state.close()
  }

  async #page(list: (typeof LISTS)[number], after: number, limit: number): Promise<StoredRecords> {
    if (limit <= 0) return []
    return list === 'a' ? this.#log.quarantine(after, limit) : this.#state.quarantine(after, limit)
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
