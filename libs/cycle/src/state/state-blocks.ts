import type { Arena } from '#keyed-state'
import { type ActorState, EFFECTIVE_OFFSET } from './actor-state.ts'
import { ByteReader, ByteWriter } from './bytes.ts'

const LENGTH_BYTES = 4

/** Actor states at rest: blocks of the arena that begin with their length. */
export class StateBlocks {
  readonly #arena: Arena
  readonly #reader = new ByteReader()
  readonly #writer = new ByteWriter()

  constructor(arena: Arena) {
    this.#arena = arena
  }

  /** Unpacks the state at `pointer`; 0 stands for a state before anything. */
  read(pointer: number, state: ActorState): void {
    if (pointer === 0) {
      state.reset()
      return
    }
    const chunk = this.#arena.chunk(pointer)
    this.#reader.open(this.#arena.bytes[chunk] as Uint8Array, this.#arena.views[chunk] as DataView, this.#arena.offset(pointer) + LENGTH_BYTES)
    state.read(this.#reader)
  }

  /** Packs a state in place of the one at `pointer` (0: of none). @returns where it is now */
  write(pointer: number, state: ActorState): number {
    const writer = this.#writer
    writer.at = LENGTH_BYTES
    state.write(writer)
    writer.view.setUint32(0, writer.at, true)
    return this.#store(pointer, writer.bytes, writer.at)
  }

  /** The packed state as bytes, for a checkpoint; good until the next change. */
  bytes(pointer: number): Uint8Array {
    if (pointer === 0) return new Uint8Array(0)
    const start = this.#arena.offset(pointer)
    return (this.#arena.bytes[this.#arena.chunk(pointer)] as Uint8Array).subarray(start, start + this.#length(pointer))
  }

  /** A block with bytes that `bytes` gave. */
  restore(bytes: Uint8Array): number {
    return bytes.length === 0 ? 0 : this.#store(0, bytes, bytes.length)
  }

  /** The latest deadline with an effect, without unpacking the rest. */
  effective(pointer: number): number {
    const at = this.#arena.offset(pointer) + LENGTH_BYTES + EFFECTIVE_OFFSET
    return pointer === 0 ? Number.NEGATIVE_INFINITY : (this.#arena.views[this.#arena.chunk(pointer)] as DataView).getFloat64(at, true)
  }

  free(pointer: number): void {
    if (pointer !== 0) this.#arena.free(pointer, this.#length(pointer))
  }

  #length(pointer: number): number {
    return (this.#arena.views[this.#arena.chunk(pointer)] as DataView).getUint32(this.#arena.offset(pointer), true)
  }

  #store(pointer: number, bytes: Uint8Array, length: number): number {
    let block = pointer
    if (pointer === 0 || this.#arena.capacity(this.#length(pointer)) !== this.#arena.capacity(length)) {
      this.free(pointer)
      block = this.#arena.allocate(length)
    }
    const to = this.#arena.bytes[this.#arena.chunk(block)] as Uint8Array
    const start = this.#arena.offset(block)
    for (let i = 0; i < length; i++) to[start + i] = bytes[i] as number
    return block
  }
}
