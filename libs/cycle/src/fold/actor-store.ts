import type { Instant } from '#contracts'
import { ActorTable, Arena, copiedInto, DueQueue, RecentHashes, RecordLog } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { CompactEvent } from '../events/compact-event.ts'
import { RecordChain } from '../state/record-chain.ts'
import { StateBlocks } from '../state/state-blocks.ts'

/** The words of a slot: the address of the newest record (f64), the pointer to the state (u32), the last seq (u32). */
const SLOT = { last: 2, state: 2, seq: 3, words: 4 } as const

/** All actors of a partition, packed. Each actor has a slot, by which its state, its chain and its last seq are found. */
export class ActorStore {
  readonly table: ActorTable
  readonly states: StateBlocks
  /** Record chains of all actors. */
  readonly log: RecordLog
  /** Hashes of the ids of events, with their actors, of which copies can still arrive. */
  readonly seen = new RecentHashes()
  /** Slots by an instant that is never later than their next deadline. */
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

  /** The slot of an actor; a new actor gets the next one. */
  slotOf(actor: string): number {
    const slot = this.table.findOrAdd(actor)
    if (slot * SLOT.words >= this.#words.length) {
      this.#words = copiedInto(this.#words, new Uint32Array(this.#words.length * 2))
      this.#places = new Float64Array(this.#words.buffer)
    }
    return slot
  }

  /** The pointer to the packed state of a slot; 0 if it has none yet. */
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

  /** Compacts the memory of states if much of it is unused, because states that grow move to larger blocks. Pointers become invalid. */
  compactStates(): void {
    const arena = this.#arena
    if (!arena.beginCompaction()) return
    for (let slot = 0; slot < this.table.size; slot++) {
      const pointer = this.state(slot)
      if (pointer !== 0 && arena.isCompacting(pointer)) this.setState(slot, this.states.copy(pointer))
    }
    arena.endCompaction()
  }

  /** A chain that the caller can open for one actor after the other. */
  newChain(): RecordChain {
    return new RecordChain(this.#cycle, this.log, this.states)
  }
  /** Opens the chain of a slot where it was closed last. @returns the same chain */
  openChain(chain: RecordChain, slot: number): RecordChain {
    chain.open(slot, this.#places[slot * SLOT.last] as number)
    return chain
  }
  /** Stores the address of the newest record of the chain. */
  closeChain({ slot, last }: RecordChain): void {
    this.#places[slot * SLOT.last] = last
  }

  /** Adds an event to a chain. @param now log time; minus infinity if it is not known @returns the address of the event */
  addEvent(chain: RecordChain, compact: CompactEvent, appliedAt: Instant, now = appliedAt): number {
    const until = Math.max(appliedAt + this.#cycle.dedupeMs, compact.time + this.#cycle.graceMs)
    this.seen.add(compact.packedId.hash(chain.slot), until, now)
    return chain.addEvent(compact, appliedAt, until)
  }
}
