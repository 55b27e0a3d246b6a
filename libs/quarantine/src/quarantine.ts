import { type ActivityEvent, type AdminRecord, formatInstant, type Instant, type ReplayedItem, RondoError } from '#contracts'
import { type KeptRefusal, REFUSED_START, type RefusedStore, type RefusedUsage, type Settler } from '#event-log'
import { type Clock, randomId } from '#runtime'
import type { DiscardRequest, ReplayRequest } from './quarantine-request.ts'
import { matcherOf, type RefusedFilter } from './refused-filter.ts'
import { type ScanPage, scan } from './scan.ts'
import { type ActsReader, type Receipt, Settled } from './settled.ts'
import { type RefusedCounts, RefusedTally, Tally, type TallyReport } from './tally.ts'
import { Trial, type TrialSetting } from './trial.ts'

/** How many refused events become durable in one step: an event has up to 64 KB. */
const STEP = 100

/** Where refused events are, and what decides about them. */
export interface QuarantineOptions extends TrialSetting {
  readonly store: RefusedStore
  /** The administrative acts, read by nothing else. */
  readonly acts: ActsReader
  /** Undefined in a process that only reads. */
  readonly settler?: Settler | undefined
  readonly clock: Clock
}

/** A refused event, and the receipt that says what became of it. */
export interface ShownRefusal extends KeptRefusal {
  readonly state: 'open' | 'settled'
  readonly receipt: string | null
}

/** Which refused events a list shows. */
export interface ListRequest extends RefusedFilter {
  readonly after: string
  readonly limit: number
  readonly state: 'open' | 'settled' | 'all'
}

/** A page of refused events. */
interface RefusedPage {
  readonly items: readonly ShownRefusal[]
  readonly next: string
  readonly more: boolean
}

/** What was done with refused events. */
export interface SettledReport extends TallyReport {
  /** Undefined if nothing was settled. */
  readonly receipt: string | undefined
  readonly next: string
  readonly more: boolean
}

/** Quarantine of one log: what was refused, what would become of it now, and what became of it. */
export class Quarantine {
  readonly #options: QuarantineOptions
  readonly #settled: Settled
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: QuarantineOptions) {
    this.#options = options
    this.#settled = new Settled(options.acts)
  }

  async list({ after, limit, state, ...filter }: ListRequest): Promise<RefusedPage> {
    await this.#refresh()
    const matches = matcherOf(filter)
    const isShown = (kept: KeptRefusal): boolean => (state === 'all' || this.#isOpen(kept) === (state === 'open')) && matches(kept)
    const { found, next, more } = await scan(this.#options.store, after, limit, isShown)
    return { items: found.map((kept) => this.#shown(kept)), next, more }
  }

  /** @throws RondoError RONDO_NOT_FOUND */
  async find(id: string): Promise<ShownRefusal> {
    await this.#refresh()
    const kept = await this.#options.store.find(id)
    if (kept === undefined)
      throw new RondoError(
        'RONDO_NOT_FOUND',
        `There is no refused event ${JSON.stringify(id.slice(0, 256))}: it never was, or it was removed by the limits of quarantine.`,
      )
    return this.#shown(kept)
  }

  /** How many are open, by their reasons; of a large quarantine, among those that are read for one answer. */
  async counts(): Promise<RefusedCounts & { readonly more: boolean }> {
    await this.#refresh()
    const tally = new RefusedTally()
    // Nothing is found, so that no text is kept longer than it takes to count it.
    const { more } = await scan(this.#options.store, REFUSED_START, 1, (kept) => {
      if (this.#isOpen(kept)) tally.add(kept)
      return false
    })
    return { ...tally.report(), more }
  }

  usage(): Promise<RefusedUsage> {
    return this.#options.store.usage()
  }

  async receipts(): Promise<readonly Receipt[]> {
    await this.#refresh()
    return this.#settled.receipts()
  }

  /** @throws RondoError RONDO_NOT_FOUND */
  async receipt(id: string): Promise<Receipt> {
    await this.#refresh()
    const receipt = this.#settled.receipt(id)
    if (receipt === undefined) throw new RondoError('RONDO_NOT_FOUND', `There is no receipt ${JSON.stringify(id.slice(0, 256))}.`)
    return receipt
  }

  /** What would become of refused events if they were replayed now. Nothing is written. */
  async preview(request: ReplayRequest): Promise<TallyReport & Omit<ScanPage, 'found'>> {
    await this.#refresh()
    const { found, ...rest } = await this.#wanted(request)
    const trial = await this.#trial(request)
    const tally = new Tally()
    const arrival = this.#options.clock.now()
    for (const kept of found) tally.add(kept, trial.of(kept, arrival))
    return { ...tally.report(), ...rest }
  }

  /**
   * Writes refused events into the log, each at most once, in steps; a step is durable as a whole or not at all. Those that would be refused again, and
   * late ones unless they are wanted, stay in quarantine.
   * @param by the id of the key that asks, or `command`
   */
  replay(request: ReplayRequest, by: string): Promise<SettledReport> {
    const repair = Object.keys(request.repair).length === 0 ? {} : { repair: request.repair }
    return this.#inTurn(async () => {
      const trial = await this.#trial(request)
      return this.#settle(request, (open, arrival, receipt) => {
        const tried = open.map((kept) => ({ kept, outcome: trial.of(kept, arrival) }))
        const written = tried.flatMap(({ kept, outcome }) => {
          if (outcome.kind === 'refused' || (outcome.kind === 'late' && request.late === 'keep')) return []
          return [{ event: outcome.event, isCopy: outcome.kind === 'copy', item: itemOf(kept, outcome.event.id, outcome.kind === 'late') }]
        })
        const items = written.map(({ item }) => item)
        const events = written.flatMap(({ event, isCopy }) => (isCopy ? [] : [event]))
        const act: AdminRecord = { kind: 'quarantine-replayed', at: formatInstant(arrival), by, receipt, ...repair, count: items.length, items }
        return { tried, events, act, count: items.length }
      })
    })
  }

  /** Settles refused events that nobody wants. They stay to be seen until the limits remove them. */
  discard(request: DiscardRequest, by: string): Promise<SettledReport> {
    return this.#inTurn(() =>
      this.#settle(request, (open, arrival, receipt) => {
        const items = open.map(({ id, record }) => (record.id === undefined ? { id } : { id, copies: record.id }))
        const act: AdminRecord = { kind: 'quarantine-discarded', at: formatInstant(arrival), by, receipt, count: items.length, items }
        return { tried: open.map((kept) => ({ kept, outcome: undefined })), events: [], act, count: items.length }
      }),
    )
  }

  async close(): Promise<void> {
    await this.#last
    await this.#options.store.close()
  }

  async #settle(request: DiscardRequest, make: MakeStep): Promise<SettledReport> {
    const { settler } = this.#options
    if (settler === undefined) throw new RondoError('RONDO_INTERNAL', 'This process only reads.')
    await this.#refresh()
    const { found, next, more } = await this.#wanted(request)
    const [receipt, tally] = [randomId(), new Tally()]
    let settled = 0
    for (let at = 0; at < found.length; at += STEP) {
      let step: ReturnType<MakeStep> | undefined
      await settler.settle({
        refresh: () => this.#settled.refresh(),
        decide: (arrival) => {
          // Another process may have settled some of them meanwhile.
          step = make(
            found.slice(at, at + STEP).filter((kept) => this.#isOpen(kept)),
            arrival,
            receipt,
          )
          return step.count === 0 ? undefined : { events: step.events, acts: [step.act] }
        },
      })
      for (const { kept, outcome } of step?.tried ?? []) tally.add(kept, outcome)
      settled += step?.count ?? 0
    }
    await this.#settled.refresh()
    return { receipt: settled === 0 ? undefined : receipt, ...tally.report(), next, more }
  }

  async #wanted({ ids, filter = {}, after, limit }: DiscardRequest): Promise<ScanPage> {
    const matches = matcherOf(filter)
    const isWanted = (kept: KeptRefusal): boolean => this.#isOpen(kept) && matches(kept)
    if (ids === undefined) return scan(this.#options.store, after, limit, isWanted)
    const found = await Promise.all([...new Set(ids)].map((id) => this.find(id)))
    return { found: found.filter(isWanted), next: after, more: false }
  }

  async #trial({ repair, late }: ReplayRequest): Promise<Trial> {
    const { folds, contract } = this.#options
    return new Trial({ foldOf: await folds(), contract, repair, writesLate: late === 'record' })
  }

  #shown(kept: KeptRefusal): ShownRefusal {
    const receipt = this.#settled.receiptOf(kept) ?? null
    return { ...kept, state: receipt === null ? 'open' : 'settled', receipt }
  }

  #isOpen(kept: KeptRefusal): boolean {
    return this.#settled.receiptOf(kept) === undefined
  }

  async #refresh(): Promise<void> {
    await this.#settled.refresh()
    const { ageMsMax } = await this.#options.store.usage()
    if (ageMsMax !== null) this.#settled.forget(this.#options.clock.now() - ageMsMax)
  }

  /** One request after the other: the next one sees what the one before has settled. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Makes one step of a settlement from those of its refused events that are open. */
type MakeStep = (
  open: readonly KeptRefusal[],
  arrival: Instant,
  receipt: string,
) => {
  readonly tried: readonly { readonly kept: KeptRefusal; readonly outcome: ReturnType<Trial['of']> | undefined }[]
  readonly events: readonly ActivityEvent[]
  readonly act: AdminRecord
  readonly count: number
}

function itemOf({ id, record }: KeptRefusal, event: string, isLate: boolean): ReplayedItem {
  return { id, ...(record.id === undefined ? {} : { copies: record.id }), event, ...(isLate ? { late: true } : {}) }
}
