import type { KeptRefusal, RefusedStore } from '#event-log'

/** How many refused events are read at once, and for one answer: a text may have 64 KiB. */
const PAGE = 100
const SCAN_MAX = 20_000

/** The refused events that one reading has found. */
export interface ScanPage {
  readonly found: readonly KeptRefusal[]
  /** The position after the last one that was read. */
  readonly next: string
  /** Whether there may be more after it. */
  readonly more: boolean
}

/** Up to `limit` refused events after a cursor for which the condition holds; of a large list it reads a part for each call. */
export async function scan(store: RefusedStore, after: string, limit: number, holds: (kept: KeptRefusal) => boolean): Promise<ScanPage> {
  const found: KeptRefusal[] = []
  let next = after
  for (let read = 0; read < SCAN_MAX; ) {
    const page = await store.read(next, PAGE)
    for (const kept of page) {
      next = kept.cursor
      if (holds(kept)) found.push(kept)
      if (found.length === limit) return { found, next, more: true }
    }
    read += page.length
    if (page.length < PAGE) return { found, next, more: false }
    // A folder answers at once: without this no other request would be answered meanwhile.
    await new Promise(setImmediate)
  }
  return { found, next, more: true }
}
