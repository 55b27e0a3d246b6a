import { type Instant, outputKinds } from '#contracts'
import { packedLength } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { ByteReader, ByteWriter } from '../packed/bytes.ts'
import { ActorState } from '../state/actor-state.ts'
import { Contributions, IS_EVENT, IS_OUTPUT, IS_PUSHED, IS_SETTLED } from '../state/trail-record.ts'
import type { ActorStore } from './actor-store.ts'
import { Digest } from './digest.ts'
import type { Journals } from './journals.ts'
import { Walk } from './walk.ts'

/** Changes whenever the bytes of a bucket do: checkpoints of another layout are not read, the log is folded again instead. */
export const LAYOUT_VERSION = 3

const IS_FLOOR = 128
const NOTHING = { floor: 0, events: [], outputs: [] } as const
const NO_TRAIL = 0
const NO_BASE = 1
const HAS_BASE = 2

/** A bucket of actors as the bytes of a checkpoint, and back. */
export class BucketCodec {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #journals: Journals
  readonly #state: ActorState
  readonly #digest: Digest
  readonly #walk: Walk
  readonly #contributions: Contributions
  readonly #writer = new ByteWriter()
  readonly #reader = new ByteReader()

  constructor(cycle: CompiledCycle, store: ActorStore, journals: Journals) {
    this.#cycle = cycle
    this.#store = store
    this.#journals = journals
    this.#state = new ActorState(cycle)
    this.#digest = new Digest(cycle)
    this.#walk = new Walk(cycle, () => undefined)
    this.#contributions = new Contributions(cycle)
  }

  /** @param now log time */
  write(bucket: number, now: Instant): Uint8Array {
    const { table, states } = this.#store
    const writer = this.#writer
    writer.at = 0
    for (const slot of table.bucket(bucket)) {
      writer.text(table.id(slot))
      writer.uint(this.#store.seq(slot))
      this.#writeBlock(states.bytes(this.#store.state(slot)))
      states.read(this.#store.state(slot), this.#state)
      this.#writeTrail(slot, now)
    }
    return writer.bytes.slice(0, writer.at)
  }

  /** Adds the actors of a bucket to a store that has none of them. */
  read(bytes: Uint8Array): void {
    const { states, due } = this.#store
    const reader = this.#reader
    reader.open(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0)
    while (reader.at < bytes.length) {
      const slot = this.#store.slotOf(reader.text())
      this.#store.setSeq(slot, reader.uint())
      this.#store.setState(slot, states.restore(this.#readBlock()))
      states.read(this.#store.state(slot), this.#state)
      this.#readTrail(slot)
      due.set(slot, this.#walk.nextDeadline(this.#state))
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

  #writeTrail(slot: number, now: Instant): void {
    const trail = this.#store.openTrail(slot)
    const writer = this.#writer
    if (trail.last === 0) {
      writer.u8(NO_TRAIL)
      return
    }
    const isOpen = this.#journals.isOpen(this.#state, now)
    if (isOpen) trail.findBase()
    const hasBase = isOpen && (trail.flags(trail.base) & IS_SETTLED) === 0
    const floor = isOpen && trail.floor !== 0 && trail.time(trail.floor) >= now - this.#cycle.graceMs ? trail.floor : 0
    writer.u8(hasBase ? HAS_BASE : NO_BASE)
    if (hasBase) {
      writer.f64(trail.time(trail.base))
      this.#writeBlock(trail.baseBytes())
    }
    const reach = hasBase ? trail.reach : Number.POSITIVE_INFINITY
    this.#writeRecords(this.#placesNeeded(now, floor, reach), floor, reach)
  }

  /** Of the open trail what can still matter, oldest first. */
  #placesNeeded(now: Instant, floor: number, reach: number): number[] {
    const { trail } = this.#store
    const { journalMax } = this.#cycle
    const [oldest, floorTime] = floor === 0 ? [reach, Number.NaN] : [0, trail.time(floor)]
    const places: number[] = []
    let rank = 0
    for (let place = trail.last; place !== 0 && (place >= oldest || rank < journalMax); place = trail.before(place)) {
      if ((trail.flags(place) & IS_EVENT) !== 0) rank += 1
      if ((rank <= journalMax && this.#tellsCopies(place, now)) || this.#isPushedAt(place, floorTime)) places.push(place)
      else if (this.#isUnsettled(place, reach)) places.push(place)
    }
    return places.reverse()
  }

  #isUnsettled(place: number, reach: number): boolean {
    const flags = this.#store.trail.flags(place)
    return place >= reach && (flags & IS_SETTLED) === 0 && (flags & (IS_EVENT | IS_OUTPUT)) !== 0
  }

  /** Copies of what a bound pushed out at the time of the floor, the floor included, are told by their ids. */
  #isPushedAt(place: number, floorTime: Instant): boolean {
    const { trail } = this.#store
    return (trail.flags(place) & IS_PUSHED) !== 0 && trail.time(place) === floorTime
  }

  #tellsCopies(place: number, now: Instant): boolean {
    const { trail } = this.#store
    return (trail.flags(place) & IS_EVENT) !== 0 && !(now - trail.appliedAt(place) > this.#cycle.dedupeMs)
  }

  #writeRecords(places: readonly number[], floor: number, reach: number): void {
    this.#writer.uint(places.length)
    for (const place of places) {
      const flags = this.#store.trail.flags(place)
      if ((flags & IS_OUTPUT) !== 0) this.#writeOutput(place)
      // Here the base stands in front of everything, so what lay before its reach has to say that it is part of it.
      else this.#writeEvent(place, (place >= reach ? flags : flags | IS_SETTLED) | (place === floor ? IS_FLOOR : 0))
    }
  }

  #writeEvent(place: number, flags: number): void {
    const writer = this.#writer
    const digest = this.#digest
    this.#store.trail.readDigest(place, digest)
    writer.u8(flags & (IS_EVENT | IS_SETTLED | IS_PUSHED | IS_FLOOR))
    writer.f64(digest.time)
    writer.f64(this.#store.trail.appliedAt(place))
    writer.u32(digest.place)
    writer.u32(digest.signals)
    writer.u32(digest.bits)
    writer.raw(digest.id, 0, digest.key.length)
    this.#contributions.write(writer, digest)
  }

  #writeOutput(place: number): void {
    const writer = this.#writer
    const { kind, from, to, rule, cause, at, seq } = this.#store.trail.output(place)
    writer.u8(IS_OUTPUT)
    for (const number of [outputKinds.indexOf(kind), from, to, rule, cause, seq]) writer.uint(number)
    writer.f64(at)
  }

  #readTrail(slot: number): void {
    const reader = this.#reader
    const kind = reader.u8()
    if (kind === NO_TRAIL) return
    const { trail } = this.#store
    trail.open(0)
    if (kind === HAS_BASE) {
      const time = reader.f64()
      trail.addBase(this.#readBlock(), time, NOTHING)
    } else {
      trail.addBase(new Uint8Array(0), Number.NEGATIVE_INFINITY, NOTHING)
      trail.addFlags(trail.base, IS_SETTLED)
    }
    let unsettled = 0
    for (let left = reader.uint(); left > 0; left--) {
      const flags = reader.u8()
      if (flags === IS_OUTPUT) this.#readOutput()
      else if (this.#readEvent(slot, flags)) unsettled += 1
    }
    trail.count = unsettled
    trail.keep(Math.max(this.#state.lastActivity, this.#state.effective) + this.#cycle.graceMs)
    this.#store.closeTrail(slot)
  }

  /** @returns whether the event is not settled */
  #readEvent(slot: number, flags: number): boolean {
    const reader = this.#reader
    const digest = this.#digest
    digest.time = reader.f64()
    const appliedAt = reader.f64()
    digest.place = reader.u32()
    digest.signals = reader.u32() | 0
    digest.bits = reader.u32() | 0
    const length = packedLength(reader.bytes, reader.at)
    digest.key.copy(reader.bytes, reader.at, length)
    reader.at += length
    this.#contributions.read(reader, digest)
    const place = this.#store.addEvent(slot, digest, appliedAt, Number.NEGATIVE_INFINITY)
    this.#store.trail.addFlags(place, flags & ~IS_FLOOR)
    if ((flags & IS_FLOOR) !== 0) this.#store.trail.floor = place
    if ((flags & IS_SETTLED) !== 0) return false
    this.#journals.count(slot, digest.time, Number.NEGATIVE_INFINITY)
    return true
  }

  #readOutput(): void {
    const reader = this.#reader
    const kind = outputKinds[reader.uint()] ?? 'notice'
    const [from, to, rule, cause, seq] = [reader.uint(), reader.uint(), reader.uint(), reader.uint(), reader.uint()]
    this.#store.trail.addOutput({ kind, from, to, rule, cause, at: reader.f64(), seq })
  }
}
