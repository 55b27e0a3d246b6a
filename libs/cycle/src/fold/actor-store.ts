import { ActorTable, Arena, DueQueue, grown } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { PublishedLists } from '../state/published-list.ts'
import { StateBlocks } from '../state/state-blocks.ts'
import { BASE_IS_START, Trail } from '../state/trail.ts'
import { EntryLayout } from '../state/trail-entry.ts'

/** All actors of a partition at rest. An actor is a slot; its state, its trail and its last seq are found by it. */
export class ActorStore {
  readonly table: ActorTable
  readonly states: StateBlocks
  readonly published: PublishedLists
  /** Turned to one actor's trail at a time by {@link openTrail}. */
  readonly trail: Trail
  /** Slots by the earliest instant at which a deadline may be due; never later than it is. */
  readonly due: DueQueue
  /** Slots that have a journal, by the time of its oldest entry. */
  readonly journals: DueQueue
  /** Slots by the log time above which something else of their trail can be forgotten. */
  readonly forgetting: DueQueue
  journalEntries = 0
  readonly #arena = new Arena()
  #states = new Uint32Array(512)
  #trails = new Uint32Array(512)
  #seqs = new Uint32Array(512)

  constructor(cycle: CompiledCycle, seed: number) {
    this.table = new ActorTable(seed)
    this.states = new StateBlocks(this.#arena)
    this.published = new PublishedLists(this.#arena)
    this.trail = new Trail(this.#arena, new EntryLayout(cycle))
    const byActor = (a: number, b: number): number => this.table.compare(a, b)
    this.due = new DueQueue(byActor)
    this.journals = new DueQueue(() => 0)
    this.forgetting = new DueQueue(() => 0)
  }

  /** Bytes of states and trails. */
  get bytes(): number {
    return this.#arena.used
  }

  slotOf(actor: string): number {
    const slot = this.table.findOrAdd(actor)
    if (slot >= this.#states.length) {
      this.#states = grown(this.#states, new Uint32Array(slot * 2))
      this.#trails = grown(this.#trails, new Uint32Array(slot * 2))
      this.#seqs = grown(this.#seqs, new Uint32Array(slot * 2))
    }
    return slot
  }

  state(slot: number): number {
    return this.#states[slot] as number
  }
  setState(slot: number, pointer: number): void {
    this.#states[slot] = pointer
  }

  /** The seq of the actor's newest output. */
  seq(slot: number): number {
    return this.#seqs[slot] as number
  }
  setSeq(slot: number, seq: number): void {
    this.#seqs[slot] = seq
  }

  openTrail(slot: number): Trail {
    this.trail.open(this.#trails[slot] as number)
    return this.trail
  }
  /** Remembers where the open trail is now. */
  closeTrail(slot: number): void {
    this.#trails[slot] = this.trail.pointer
  }

  /** Makes the present state the base that a correction starts from; the state itself is written anew. The slot's trail is open. */
  takeBase(slot: number): void {
    this.trail.create()
    this.trail.base = this.state(slot) === 0 ? BASE_IS_START : this.state(slot)
    this.setState(slot, 0)
  }

  /** Forgets the base and what was published since: nothing of it can be corrected any more. The slot's trail is open. */
  dropBase(): void {
    const { trail } = this
    if (trail.base !== BASE_IS_START) this.states.free(trail.base)
    trail.base = 0
    trail.published = this.published.keep(trail.published, 0, 0)
  }
}
