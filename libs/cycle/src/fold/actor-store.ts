import type { Instant } from '#contracts'
import { ActorTable, Arena, DueQueue, grown, RecentHashes, RecordLog } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { CompactEvent } from '../events/compact-event.ts'
import { RecordChain } from '../state/record-chain.ts'
import { StateBlocks } from '../state/state-blocks.ts'

/** What is kept of an actor by its slot: the place of its newest record (f64), the pointer to its state, its last seq (u32). */
const SLOT = { last: 2, state: 2, seq: 3, words: 4 } as const

/** All actors of a partition at rest. An actor is a slot; its state, its chain and its last seq are found by it. */
export class ActorStore {
  readonly table: ActorTable
  readonly states: StateBlocks
  /** Record chains of all actors. */
  readonly log: RecordLog
  /** Ids of events, with their actors, that can still be met again. */
  readonly seen = new RecentHashes()
  /** Slots by the earliest instant at which a deadline may be due; never later than it is. */
  readonly due: DueQueue
  readonly #cycle: CompiledCycle
  readonly #arena = new Arena()
  #words = new Uint32Array(512 * SLOT.words)
  #places = new Float64Array(this.#words.buffer)

  constructor(cycle: CompiledCycle, options: { seed: number; chunkBytes: number | undefined }) {
    this.#cycle = cycle
    this.table = new ActorTable(options.seed)
    this.states = new StateBlocks(this.#arena)
    this.log = new RecordLog(options.chunkBytes)
    this.due = new DueQueue(this.table)
  }

  slotOf(actor: string): number {
    const slot = this.table.findOrAdd(actor)
    if (slot * SLOT.words >= this.#words.length) {
      this.#words = grown(this.#words, new Uint32Array(this.#words.length * 2))
      this.#places = new Float64Array(this.#words.buffer)
    }
    return slot
  }

  state(slot: number): number {
    return this.#words[slot * SLOT.words + SLOT.state] as number
  }
  setState(slot: number, pointer: number): void {
    this.#words[slot * SLOT.words + SLOT.state] = pointer
  }

  /** The seq of the actor's newest output. */
  seq(slot: number): number {
    return this.#words[slot * SLOT.words + SLOT.seq] as number
  }
  setSeq(slot: number, seq: number): void {
    this.#words[slot * SLOT.words + SLOT.seq] = seq
  }

  /** Moves states together where those that grew have left much room behind. No pointer from before is good after it. */
  moveTogether(): void {
    const arena = this.#arena
    if (!arena.beginEmptying()) return
    for (let slot = 0; slot < this.table.size; slot++) {
      const pointer = this.state(slot)
      if (pointer !== 0 && arena.isEmptying(pointer)) this.setState(slot, this.states.copy(pointer))
    }
    arena.release()
  }

  /** A chain that belongs to its caller, who opens it for one actor after the other. */
  newChain(): RecordChain {
    return new RecordChain(this.#cycle, this.log, this.states)
  }
  /** Opens the chain of a slot as it was closed last. @returns the chain that is given */
  openChain(chain: RecordChain, slot: number): RecordChain {
    chain.open(slot, this.#places[slot * SLOT.last] as number)
    return chain
  }
  /** Remembers where the chain is now. */
  closeChain({ slot, last }: RecordChain): void {
    this.#places[slot * SLOT.last] = last
  }

  /** Adds an event to a chain. `now` is log time, minus infinity where it is not known. @returns its address */
  addEvent(chain: RecordChain, compact: CompactEvent, appliedAt: Instant, now = appliedAt): number {
    const until = Math.max(appliedAt + this.#cycle.dedupeMs, compact.time + this.#cycle.graceMs)
    this.seen.add(compact.key.hash(chain.slot), until, now)
    return chain.addEvent(compact, appliedAt, until)
  }
}
