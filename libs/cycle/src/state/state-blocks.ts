import type { Arena } from '#keyed-state'
import { ByteReader, ByteWriter } from '../packed/bytes.ts'
import { type ActorState, PACKED } from './actor-state.ts'

/** Packed actor states: blocks of the arena that begin with their length. */
export class StateBlocks {
  readonly #arena: Arena
  readonly #reader = new ByteReader()
  readonly #writer = new ByteWriter()

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** Unpacks the state at `pointer`; 0 is the state of a new actor. */
  read(pointer: number, state: ActorState): void {
    if (pointer === 0) state.reset()
    else {
      const chunk = this.#arena.chunk(pointer)
      this.unpack(this.#arena.bytes[chunk] as Uint8Array, this.#arena.views[chunk] as DataView, this.#arena.offset(pointer), state)
    }
  }

  /** Unpacks the state that begins at `at` of any bytes. */
  unpack(bytes: Uint8Array, view: DataView, at: number, state: ActorState): void {
    if (!state.isFixed) this.#reader.open(bytes, view, at + PACKED.rest)
    state.read(this.#reader, view, at)
  }

  /** Packs a state and replaces the one at `pointer` (0: none). @returns the pointer to it */
  write(pointer: number, state: ActorState): number {
    if (!state.isFixed) return this.restore(this.pack(state), pointer)
    const block = pointer === 0 ? this.#arena.allocate(PACKED.rest) : pointer
    state.writeFixed(this.#arena.views[this.#arena.chunk(block)] as DataView, this.#arena.offset(block), PACKED.rest)
    return block
  }

  /** A state as bytes; valid until the next one is packed. */
  pack(state: ActorState): Uint8Array {
    const writer = this.#writer
    writer.at = PACKED.rest
    state.writeRest(writer)
    state.writeFixed(writer.view, 0, writer.at)
    return writer.bytes.subarray(0, writer.at)
  }

  /** The packed state at `pointer`, for a checkpoint; valid until the next change. */
  bytes(pointer: number): Uint8Array {
    if (pointer === 0) return new Uint8Array(0)
    const start = this.#arena.offset(pointer)
    return (this.#arena.bytes[this.#arena.chunk(pointer)] as Uint8Array).subarray(start, start + this.length(pointer))
  }

  /** Stores bytes that `bytes` returned, and replaces the block at `pointer` (0: none). @returns the pointer to them */
  restore(bytes: Uint8Array, pointer = 0): number {
    if (bytes.length === 0) return 0
    let block = pointer
    if (pointer === 0 || this.#arena.capacity(this.length(pointer)) !== this.#arena.capacity(bytes.length)) {
      if (pointer !== 0) this.#arena.free(pointer, this.length(pointer))
      block = this.#arena.allocate(bytes.length)
    }
    const to = this.#arena.bytes[this.#arena.chunk(block)] as Uint8Array
    const start = this.#arena.offset(block)
    for (let i = 0; i < bytes.length; i++) to[start + i] = bytes[i] as number
    return block
  }

  /** Copies the packed state at `pointer` to a new block. @returns the pointer to the copy */
  copy(pointer: number): number {
    const length = this.length(pointer)
    const block = this.#arena.allocate(length)
    this.copyTo(pointer, this.#arena.words[this.#arena.chunk(block)] as Int32Array, this.#arena.offset(block))
    return block
  }

  /** Copies the packed state at `pointer` into `words`, which must have room for it. */
  copyTo(pointer: number, words: Int32Array, at: number): void {
    const from = this.#arena.words[this.#arena.chunk(pointer)] as Int32Array
    const start = this.#arena.offset(pointer) >> 2
    const length = (this.length(pointer) + 3) >> 2
    for (let i = 0; i < length; i++) words[(at >> 2) + i] = from[start + i] as number
  }

  /** Time of the actor's newest event, without unpacking the rest. */
  lastActivity(pointer: number): number {
    return this.#time(pointer, PACKED.lastActivity)
  }

  /** See {@link ActorState.lastEffect}, without unpacking the rest. */
  lastEffect(pointer: number): number {
    return this.#time(pointer, PACKED.lastEffect)
  }

  /** Bytes of the packed state. */
  length(pointer: number): number {
    return pointer === 0 ? 0 : (this.#arena.views[this.#arena.chunk(pointer)] as DataView).getUint32(this.#arena.offset(pointer), true)
  }

  #time(pointer: number, field: number): number {
    if (pointer === 0) return Number.NEGATIVE_INFINITY
    return (this.#arena.views[this.#arena.chunk(pointer)] as DataView).getFloat64(this.#arena.offset(pointer) + field, true)
  }
}
