import { type Arena, comparePackedIds, samePackedId } from '#keyed-state'
import type { Digest } from '../fold/digest.ts'
import { type ByteReader, ByteWriter } from './bytes.ts'
import { ENTRY, type EntryLayout, IN_JOURNAL, IN_RECENT, IS_FLOOR } from './trail-entry.ts'

/** Places in a trail's header: bytes allocated and used, journal entries, the base and the published list (pointers, 0: none). */
const HEADER = { allocated: 0, used: 4, journal: 8, base: 12, published: 16, length: 20 } as const

/** Stands for the base of an actor that nothing was known of. */
export const BASE_IS_START = 0xffffffff

/**
 * What is remembered of an actor's newest events: the journal, ids for telling duplicates, and what a correction needs (the base, the
 * published list). A cursor over one block of the arena at a time; entries lie in the order of arrival.
 */
export class Trail {
  readonly #arena: Arena
  readonly #layout: EntryLayout
  readonly #writer = new ByteWriter()
  pointer = 0
  #bytes = new Uint8Array(0)
  #view = new DataView(this.#bytes.buffer)
  #start = 0

  constructor(arena: Arena, layout: EntryLayout) {
    this.#arena = arena
    this.#layout = layout
  }

  /** Turns to a trail. 0 stands for an empty one. */
  open(pointer: number): void {
    this.pointer = pointer
    if (pointer === 0) return
    const chunk = this.#arena.chunk(pointer)
    this.#bytes = this.#arena.bytes[chunk] as Uint8Array<ArrayBuffer>
    this.#view = this.#arena.views[chunk] as DataView<ArrayBuffer>
    this.#start = this.#arena.offset(pointer)
  }

  get journalCount(): number {
    return this.#field(HEADER.journal)
  }
  set journalCount(count: number) {
    this.#setField(HEADER.journal, count)
  }
  /** Pointer to the state before the journal; 0 where there is no journal to be before, BASE_IS_START where that was nothing. */
  get base(): number {
    return this.#field(HEADER.base)
  }
  set base(pointer: number) {
    this.#setField(HEADER.base, pointer)
  }
  /** Pointer to what was published since the base. */
  get published(): number {
    return this.#field(HEADER.published)
  }
  set published(pointer: number) {
    this.#setField(HEADER.published, pointer)
  }

  /** Adds an entry at the end. The pointer may change. */
  append(digest: Digest, flags: number, appliedAt: number): void {
    const writer = this.#writer
    writer.at = 0
    this.#layout.write(writer, digest, flags, appliedAt)
    this.#makeRoom(writer.at)
    const used = this.#field(HEADER.used)
    for (let i = 0, to = this.#start + used; i < writer.at; i++) this.#bytes[to + i] = writer.bytes[i] as number
    this.#setField(HEADER.used, used + writer.at)
    if ((flags & IN_JOURNAL) !== 0) this.journalCount += 1
  }

  /** Makes sure that there is a block. */
  create(): void {
    if (this.pointer === 0) this.#makeRoom(0)
  }

  /** Places of all entries, from the oldest arrival. A place is good until the next append or compaction. */
  first(): number {
    return this.pointer === 0 ? Number.POSITIVE_INFINITY : this.#checked(HEADER.length)
  }
  next(place: number): number {
    return this.#checked(place + this.#view.getUint32(this.#start + place, true))
  }

  flags(place: number): number {
    return this.#bytes[this.#start + place + ENTRY.flags] as number
  }
  setFlags(place: number, flags: number): void {
    this.#bytes[this.#start + place + ENTRY.flags] = flags
  }
  time(place: number): number {
    return this.#view.getFloat64(this.#start + place + ENTRY.time, true)
  }
  appliedAt(place: number): number {
    return this.#view.getFloat64(this.#start + place + ENTRY.appliedAt, true)
  }
  hasId(place: number, packed: Uint8Array): boolean {
    return samePackedId(packed, 0, this.#bytes, this.#start + place + this.#layout.idOffset)
  }
  /** Orders the ids of two entries. */
  compareIds(a: number, b: number): number {
    const { idOffset } = this.#layout
    return comparePackedIds(this.#bytes, this.#start + a + idOffset, this.#bytes, this.#start + b + idOffset)
  }
  /** Orders an entry's id against a packed one. */
  compareId(place: number, packed: Uint8Array): number {
    return comparePackedIds(this.#bytes, this.#start + place + this.#layout.idOffset, packed, 0)
  }
  readDigest(place: number, reader: ByteReader, digest: Digest): void {
    reader.open(this.#bytes, this.#view, this.#start + place)
    this.#layout.read(reader, digest)
  }

  /** Places of the journal's entries, in key order. */
  journal(): number[] {
    const places: number[] = []
    for (let place = this.first(); place !== Number.POSITIVE_INFINITY; place = this.next(place)) if ((this.flags(place) & IN_JOURNAL) !== 0) places.push(place)
    return places.sort((a, b) => this.time(a) - this.time(b) || this.compareIds(a, b))
  }

  /** The time of the journal's oldest entry; plus infinity where it is empty. */
  oldestJournalTime(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (let place = this.first(); place !== Number.POSITIVE_INFINITY; place = this.next(place))
      if ((this.flags(place) & IN_JOURNAL) !== 0) oldest = Math.min(oldest, this.time(place))
    return oldest
  }

  /** Drops entries that no flag keeps. @returns whether any entry is left */
  compact(): boolean {
    let to = HEADER.length as number
    for (let place = this.first(); place !== Number.POSITIVE_INFINITY; ) {
      const next = this.next(place)
      const end = next === Number.POSITIVE_INFINITY ? this.#field(HEADER.used) : next
      if ((this.flags(place) & (IN_JOURNAL | IN_RECENT | IS_FLOOR)) !== 0) {
        if (to !== place) this.#bytes.copyWithin(this.#start + to, this.#start + place, this.#start + end)
        to += end - place
      }
      place = next
    }
    this.#setField(HEADER.used, to)
    return to > HEADER.length
  }

  /** The entries as bytes, for a checkpoint. */
  entries(): Uint8Array {
    return this.pointer === 0 ? new Uint8Array(0) : this.#bytes.subarray(this.#start + HEADER.length, this.#start + this.#field(HEADER.used))
  }

  /** Fills an empty trail with what `entries` gave. */
  restore(entries: Uint8Array, journalCount: number): void {
    this.pointer = 0
    this.#makeRoom(entries.length)
    this.#bytes.set(entries, this.#start + HEADER.length)
    this.#setField(HEADER.used, HEADER.length + entries.length)
    this.journalCount = journalCount
  }

  /** Gives the block back. */
  drop(): void {
    this.#arena.free(this.pointer, this.#field(HEADER.allocated))
    this.pointer = 0
  }

  #checked(place: number): number {
    return place >= this.#field(HEADER.used) ? Number.POSITIVE_INFINITY : place
  }

  #field(offset: number): number {
    return this.pointer === 0 ? 0 : this.#view.getUint32(this.#start + offset, true)
  }

  #setField(offset: number, value: number): void {
    this.#view.setUint32(this.#start + offset, value, true)
  }

  #makeRoom(more: number): void {
    const used = this.pointer === 0 ? HEADER.length : this.#field(HEADER.used)
    const allocated = this.#field(HEADER.allocated)
    if (this.pointer !== 0 && used + more <= this.#arena.capacity(allocated)) return
    // Long trails grow by half, so that appending stays cheap.
    const length = Math.max(used + more, used > 512 ? Math.ceil(used * 1.5) : 0)
    const [old, oldBytes, oldStart] = [this.pointer, this.#bytes, this.#start]
    this.open(this.#arena.allocate(length))
    if (old === 0) this.#bytes.fill(0, this.#start, this.#start + HEADER.length)
    else {
      this.#bytes.set(oldBytes.subarray(oldStart, oldStart + used), this.#start)
      this.#arena.free(old, allocated)
    }
    this.#setField(HEADER.allocated, length)
    this.#setField(HEADER.used, used)
  }
}
