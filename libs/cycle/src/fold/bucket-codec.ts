import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { ActorState } from '../state/actor-state.ts'
import { ByteReader, ByteWriter } from '../state/bytes.ts'
import { BASE_IS_START } from '../state/trail.ts'
import type { ActorStore } from './actor-store.ts'
import { Walk } from './walk.ts'

/** Changes whenever the fold gives other outcomes for the same log. */
export const FOLD_VERSION = 1
/** Changes whenever the bytes of a bucket do: checkpoints of another layout are not read, the log is folded again instead. */
export const LAYOUT_VERSION = 1

const NO_BASE = 0
const BASE_START = 1
const BASE_BLOCK = 2

/** A bucket of actors as the bytes of a checkpoint, and back. */
export class BucketCodec {
  readonly #store: ActorStore
  readonly #state: ActorState
  readonly #walk: Walk
  readonly #writer = new ByteWriter()
  readonly #reader = new ByteReader()

  constructor(cycle: CompiledCycle, store: ActorStore) {
    this.#store = store
    this.#state = new ActorState(cycle)
    this.#walk = new Walk(cycle, () => undefined)
  }

  write(bucket: number): Uint8Array {
    const { table } = this.#store
    const writer = this.#writer
    writer.at = 0
    for (const slot of table.bucket(bucket)) {
      writer.text(table.id(slot))
      writer.uint(this.#store.seq(slot))
      this.#writeBlock(this.#store.states.bytes(this.#store.state(slot)))
      this.#writeTrail(slot)
    }
    return writer.bytes.slice(0, writer.at)
  }

  /** Adds the actors of a bucket to a store that has none of them. */
  read(bytes: Uint8Array): void {
    const reader = this.#reader
    reader.open(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0)
    while (reader.at < bytes.length) {
      const slot = this.#store.slotOf(reader.text())
      this.#store.setSeq(slot, reader.uint())
      this.#store.setState(slot, this.#store.states.restore(this.#readBlock()))
      this.#readTrail(slot)
      this.#store.states.read(this.#store.state(slot), this.#state)
      this.#store.due.set(slot, this.#walk.nextDeadline(this.#state))
    }
  }

  #writeBlock(block: Uint8Array): void {
    this.#writer.uint(block.length)
    this.#writer.raw(block, 0, block.length)
  }

  #readBlock(): Uint8Array {
    const length = this.#reader.uint()
    this.#reader.at += length
    return this.#reader.bytes.subarray(this.#reader.at - length, this.#reader.at)
  }

  #writeTrail(slot: number): void {
    const trail = this.#store.openTrail(slot)
    this.#writer.u8(trail.pointer === 0 ? 0 : 1)
    if (trail.pointer === 0) return
    this.#writeBlock(trail.entries())
    this.#writer.uint(trail.journalCount)
    const { base } = trail
    this.#writer.u8(base === 0 ? NO_BASE : base === BASE_IS_START ? BASE_START : BASE_BLOCK)
    if (base !== 0 && base !== BASE_IS_START) this.#writeBlock(this.#store.states.bytes(base))
    this.#writeBlock(this.#store.published.bytes(trail.published))
  }

  #readTrail(slot: number): void {
    const { trail, states, published, journals, forgetting } = this.#store
    if (this.#reader.u8() === 0) return
    trail.restore(this.#readBlock(), this.#reader.uint())
    const base = this.#reader.u8()
    if (base === BASE_START) trail.base = BASE_IS_START
    else if (base === BASE_BLOCK) trail.base = states.restore(this.#readBlock())
    trail.published = published.restore(this.#readBlock())
    this.#store.closeTrail(slot)
    this.#store.journalEntries += trail.journalCount
    journals.set(slot, trail.oldestJournalTime())
    // Looked at when log time next moves, which finds out when there is something to forget.
    forgetting.set(slot, Number.NEGATIVE_INFINITY)
  }
}
