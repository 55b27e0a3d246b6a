import { type AdminRecord, type Instant, instantOf, type Repair, type ReplayedItem } from '#contracts'
import type { KeptRefusal } from '#event-log'

/** An act that settles refused events. */
type Act = Extract<AdminRecord, { kind: 'quarantine-replayed' | 'quarantine-discarded' }>
/** A refused event that was settled. */
type Item = Pick<ReplayedItem, 'id' | 'copies'> & Partial<ReplayedItem>

/** What one request made of refused events. */
export interface Receipt {
  readonly id: string
  readonly kind: 'replayed' | 'discarded'
  readonly at: string
  /** The id of the key that asked for it, or `command`. */
  readonly by: string
  readonly repair?: Repair | undefined
  readonly items: readonly Item[]
}

/** Reads the administrative acts; each once. */
export interface ActsReader {
  read(): Promise<readonly AdminRecord[]>
}

/**
 * Which refused events are settled, and by which receipt: it follows from the administrative acts of all processes. Receipts that are older than any
 * refused event that is kept are forgotten here; the acts keep them.
 */
export class Settled {
  readonly #acts: ActsReader
  readonly #receiptOf = new Map<string, string>()
  readonly #receipts = new Map<string, Receipt & { readonly items: Item[] }>()
  #reading: Promise<void> = Promise.resolve()

  constructor(acts: ActsReader) {
    this.#acts = acts
  }

  /** Reads and applies the new acts of all processes. @throws RondoError as the log of acts does */
  refresh(): Promise<void> {
    const turn = this.#reading.then(async () => {
      for (const act of await this.#acts.read()) if (act.kind === 'quarantine-replayed' || act.kind === 'quarantine-discarded') this.#apply(act)
    })
    this.#reading = turn.catch(() => {})
    return turn
  }

  /** The receipt that a refused event, or a copy of it, has; undefined while it is open. */
  receiptOf(kept: KeptRefusal): string | undefined {
    return this.#receiptOf.get(settledKey(kept.id, kept.record.id))
  }

  receipt(id: string): Receipt | undefined {
    return this.#receipts.get(id)
  }

  /** The newest first. */
  receipts(): readonly Receipt[] {
    return [...this.#receipts.values()].toReversed()
  }

  /** Forgets the receipts of which nothing is kept any more. */
  forget(before: Instant): void {
    for (const { id, at, items } of this.#receipts.values()) {
      if (instantOf(at) >= before) return
      for (const item of items) this.#receiptOf.delete(settledKey(item.id, item.copies))
      this.#receipts.delete(id)
    }
  }

  #apply(act: Act): void {
    const { receipt: id, at, by } = act
    const repair = act.kind === 'quarantine-replayed' ? act.repair : undefined
    const kind = act.kind === 'quarantine-replayed' ? 'replayed' : 'discarded'
    const receipt = this.#receipts.get(id) ?? { id, kind, at, by, items: [], ...(repair === undefined ? {} : { repair }) }
    receipt.items.push(...act.items)
    this.#receipts.set(id, receipt)
    for (const item of act.items) this.#receiptOf.set(settledKey(item.id, item.copies), id)
  }
}

/** Copies of a refused event are settled together. */
const settledKey = (id: string, copies: string | undefined): string => copies ?? id
