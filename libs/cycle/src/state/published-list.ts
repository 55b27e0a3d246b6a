import { outputKinds } from '#contracts'
import type { Arena } from '#keyed-state'
import type { Happening } from '../fold/walk.ts'

const HEADER = { allocated: 0, count: 4, length: 8 } as const
const RECORD = { at: 0, seq: 8, rule: 12, kind: 14, from: 15, to: 16, cause: 17, length: 18 } as const

export type Published = Happening & { readonly seq: number }

/** What was published of an actor since its base: just enough to compare with and to take back. Blocks of the arena, named by pointers. */
export class PublishedLists {
  readonly #arena: Arena

  constructor(arena: Arena) {
    this.#arena = arena
  }

  count(pointer: number): number {
    return pointer === 0 ? 0 : this.#view(pointer).getUint32(this.#arena.offset(pointer) + HEADER.count, true)
  }

  get(pointer: number, index: number): Published {
    const view = this.#view(pointer)
    const at = this.#arena.offset(pointer) + HEADER.length + index * RECORD.length
    return {
      kind: outputKinds[view.getUint8(at + RECORD.kind)] ?? 'notice',
      from: view.getUint8(at + RECORD.from),
      to: view.getUint8(at + RECORD.to),
      rule: view.getUint16(at + RECORD.rule, true),
      cause: view.getUint8(at + RECORD.cause),
      at: view.getFloat64(at + RECORD.at, true),
      seq: view.getUint32(at + RECORD.seq, true),
    }
  }

  /** Adds one at the end. @returns where the list is now */
  add(pointer: number, published: Published): number {
    const count = this.count(pointer)
    const list = this.#sized(pointer, count + 1)
    const view = this.#view(list)
    const at = this.#arena.offset(list) + HEADER.length + count * RECORD.length
    view.setFloat64(at + RECORD.at, published.at, true)
    view.setUint32(at + RECORD.seq, published.seq, true)
    view.setUint16(at + RECORD.rule, published.rule, true)
    view.setUint8(at + RECORD.kind, outputKinds.indexOf(published.kind))
    view.setUint8(at + RECORD.from, published.from)
    view.setUint8(at + RECORD.to, published.to)
    view.setUint8(at + RECORD.cause, published.cause)
    view.setUint32(this.#arena.offset(list) + HEADER.count, count + 1, true)
    return list
  }

  /** Keeps those from `from` to (and without) `to`. @returns where the list is now, 0 if nothing is left */
  keep(pointer: number, from: number, to: number): number {
    if (pointer === 0 || from >= to) {
      this.free(pointer)
      return 0
    }
    const bytes = this.#arena.bytes[this.#arena.chunk(pointer)] as Uint8Array
    const first = this.#arena.offset(pointer) + HEADER.length
    bytes.copyWithin(first, first + from * RECORD.length, first + to * RECORD.length)
    this.#view(pointer).setUint32(this.#arena.offset(pointer) + HEADER.count, to - from, true)
    return pointer
  }

  /** The list as bytes, for a checkpoint; good until the next change. */
  bytes(pointer: number): Uint8Array {
    if (pointer === 0) return new Uint8Array(0)
    const start = this.#arena.offset(pointer) + HEADER.length
    return (this.#arena.bytes[this.#arena.chunk(pointer)] as Uint8Array).subarray(start, start + this.count(pointer) * RECORD.length)
  }

  /** A list with bytes that `bytes` gave. */
  restore(bytes: Uint8Array): number {
    const count = bytes.length / RECORD.length
    if (count === 0) return 0
    const list = this.#sized(0, count)
    ;(this.#arena.bytes[this.#arena.chunk(list)] as Uint8Array).set(bytes, this.#arena.offset(list) + HEADER.length)
    this.#view(list).setUint32(this.#arena.offset(list) + HEADER.count, count, true)
    return list
  }

  free(pointer: number): void {
    if (pointer !== 0) this.#arena.free(pointer, this.#view(pointer).getUint32(this.#arena.offset(pointer) + HEADER.allocated, true))
  }

  #sized(pointer: number, count: number): number {
    const length = HEADER.length + count * RECORD.length
    const allocated = pointer === 0 ? 0 : this.#view(pointer).getUint32(this.#arena.offset(pointer) + HEADER.allocated, true)
    if (pointer !== 0 && length <= this.#arena.capacity(allocated)) return pointer
    const list = this.#arena.allocate(length)
    const [bytes, start] = [this.#arena.bytes[this.#arena.chunk(list)] as Uint8Array, this.#arena.offset(list)]
    if (pointer !== 0) {
      const old = this.#arena.offset(pointer)
      bytes.set((this.#arena.bytes[this.#arena.chunk(pointer)] as Uint8Array).subarray(old, old + length - RECORD.length), start)
      this.#arena.free(pointer, allocated)
    } else bytes.fill(0, start, start + HEADER.length)
    this.#view(list).setUint32(start + HEADER.allocated, length, true)
    return list
  }

  #view(pointer: number): DataView {
    return this.#arena.views[this.#arena.chunk(pointer)] as DataView
  }
}
