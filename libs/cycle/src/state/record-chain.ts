import { outputKinds } from '#contracts'
import { type PackedId, RECORD_UNIT, type RecordLog, samePackedId, unpackId } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { CompactEvent } from '../events/compact-event.ts'
import type { ActorState } from './actor-state.ts'
import { EventRecords, HEAD, IS_BASE, IS_EVENT, IS_OBSOLETE, IS_OUTPUT } from './chain-record.ts'
import type { PendingOutput } from './pending-output.ts'
import type { StateBlocks } from './state-blocks.ts'

/**
 * An output has its seq (u32), from, to, cause (u8), rule (u16), kind (u8). A base has the number of events that belong after it, the floor (an
 * address), a packed state, and the earlier records that belong after it: their number, then a distance for each (u32).
 */
const OUTPUT = { seq: 16, from: 21, to: 22, cause: 23, rule: 24, kind: 26, length: 32 } as const
const BASE = { count: 16, floor: 24, state: 32 } as const

/** A published output that is in effect, with the fields that a comparison and a retraction need. */
export type Published = PendingOutput & { readonly seq: number }

/** The position of a search for an id in a chain, and the number of events that it has passed. */
export interface IdSearch {
  address: number
  eventsMet: number
}

/**
 * The newest records of one actor: its journal, ids for detecting copies, and the base for corrections. A chain is a linked list through
 * the record log of the partition, from the newest record backwards, in the order of arrival (README.md has a picture):
 *
 * - events that were applied;
 * - bases: a state to which a correction applies later events. The journal is ordered by keys, not by arrival; therefore a base lists the
 *   events and outputs that arrived before it and belong after it;
 * - outputs that were published after the base and are in effect.
 *
 * Records are never removed from a chain; they are released with their chunk of the log. An address is valid until log time moves.
 */
export class RecordChain {
  readonly #log: RecordLog
  readonly #events: EventRecords
  readonly #states: StateBlocks
  /** The slot of the actor. */
  slot = 0
  /** The address of the actor's newest record; 0 if it has none. */
  last = 0
  /** The address of its base. */
  base = 0

  constructor(cycle: CompiledCycle, log: RecordLog, states: StateBlocks) {
    this.#log = log
    this.#events = new EventRecords(cycle, log)
    this.#states = states
  }

  /** Opens an actor's chain. */
  open(slot: number, last: number): void {
    this.slot = slot
    this.last = last < this.#log.first ? 0 : last
    this.base = 0
  }

  /** Finds the base. There must be one that is still in the log. */
  findBase(): void {
    this.#log.open(this.last)
    const { view, at } = this.#log
    const isBase = (view.getUint8(at + HEAD.flags) & IS_BASE) !== 0
    this.base = isBase ? this.last : this.last - view.getUint32(at + HEAD.base, true) * RECORD_UNIT
  }

  /** The record before, in the order of arrival; 0 if that is released. */
  before(address: number): number {
    const log = this.#log
    log.open(address)
    const back = (log.words[(log.at + HEAD.back) >> 2] as number) >>> 0
    const before = address - back * RECORD_UNIT
    return back === 0 || before < log.first ? 0 : before
  }

  /** The oldest record that the base needs. */
  get oldestNeeded(): number {
    return this.base - this.#at(this.base).getUint32(this.#log.at + HEAD.base, true) * RECORD_UNIT
  }

  flags(address: number): number {
    return this.#at(address).getUint8(this.#log.at + HEAD.flags)
  }
  addFlags(address: number, flags: number): void {
    const view = this.#at(address)
    const at = this.#log.at + HEAD.flags
    view.setUint8(at, view.getUint8(at) | flags)
  }
  /** The time of an event or output; of a base, T when it was made. */
  time(address: number): number {
    return this.#at(address).getFloat64(this.#log.at + HEAD.time, true)
  }

  /** T when an event was applied. */
  appliedAt(address: number): number {
    this.#log.open(address)
    return this.#events.appliedAt()
  }
  readEvent(address: number, compact: CompactEvent): void {
    this.#log.open(address)
    this.#events.read(compact)
  }
  id(address: number): string {
    this.#log.open(address)
    return unpackId(this.#log.bytes, this.#events.idAt())
  }
  hasId(address: number, packed: Uint8Array): boolean {
    this.#log.open(address)
    return samePackedId(packed, 0, this.#log.bytes, this.#events.idAt())
  }

  /**
   * Moves a search back to the newest event with this id, beginning with the record at the search's address.
   * @returns false if neither the actor's newest `newestMax` events nor the events from `oldest` on have it
   */
  findId(id: PackedId, search: IdSearch, newestMax: number, oldest: number): boolean {
    const log = this.#log
    for (let { address } = search; address !== 0; address = this.before(address)) {
      log.open(address)
      if (((log.bytes[log.at + HEAD.flags] as number) & IS_EVENT) === 0) continue
      if (search.eventsMet >= newestMax && address < oldest) return false
      search.eventsMet += 1
      if (!this.#events.mayHaveId(id) || !samePackedId(id.bytes, 0, log.bytes, this.#events.idAt())) continue
      search.address = address
      return true
    }
    return false
  }

  /** The number of events that belong after the base. */
  get count(): number {
    return this.#at(this.base).getUint32(this.#log.at + BASE.count, true)
  }
  set count(count: number) {
    this.#at(this.base).setUint32(this.#log.at + BASE.count, count, true)
  }
  /** The floor: the address of the newest event that a bound pushed out; 0 if there is none or it is released. */
  get floor(): number {
    const floor = this.#at(this.base).getFloat64(this.#log.at + BASE.floor, true)
    return floor < this.#log.first ? 0 : floor
  }
  set floor(address: number) {
    this.#at(this.base).setFloat64(this.#log.at + BASE.floor, address, true)
  }
  /** Unpacks the base's state. */
  readBase(state: ActorState): void {
    const at = this.#at(this.base)
    const from = this.#log.at + BASE.state
    if (at.getUint32(from, true) === 0) state.reset()
    else this.#states.unpack(this.#log.bytes, at, from, state)
  }
  /** The bytes of the base's state, for a checkpoint. */
  baseBytes(): Uint8Array {
    const length = this.#at(this.base).getUint32(this.#log.at + BASE.state, true)
    return this.#log.bytes.subarray(this.#log.at + BASE.state, this.#log.at + BASE.state + length)
  }

  /** Keeps the base and all records that belong after it until `until`. */
  keep(until: number): void {
    this.#log.keep(this.oldestNeeded, until)
  }

  /** Events that belong after the base, in the order of their keys, and outputs, oldest first. */
  sinceBase(): { events: number[]; outputs: number[] } {
    const newer: number[] = []
    for (let address = this.last; address > this.base; address = this.before(address)) newer.push(address)
    const events: number[] = []
    const outputs: number[] = []
    for (const address of [...this.listed(), ...newer.reverse()]) {
      const flags = this.flags(address)
      if ((flags & (IS_EVENT | IS_OBSOLETE)) === IS_EVENT) events.push(address)
      else if ((flags & (IS_OUTPUT | IS_OBSOLETE)) === IS_OUTPUT) outputs.push(address)
    }
    // The sort is stable: events of one instant stay in the order of the log.
    return { events: events.sort((a, b) => this.time(a) - this.time(b)), outputs }
  }

  /** Addresses of the records that arrived before the base and belonged after it when it was made, in the order of arrival. */
  listed(): number[] {
    const view = this.#at(this.base)
    const { at } = this.#log
    if (view.getUint32(at + HEAD.base, true) === 0) return []
    const from = at + listAfter(view.getUint32(at + BASE.state, true))
    return Array.from({ length: view.getUint32(from, true) }, (_, n) => this.base - view.getUint32(from + 4 + 4 * n, true) * RECORD_UNIT)
  }

  /** The address of a listed event with this id; 0 if there is none. */
  findListed(id: PackedId): number {
    const log = this.#log
    const view = this.#at(this.base)
    const { at } = log
    if (view.getUint32(at + HEAD.base, true) === 0) return 0
    const from = at + listAfter(view.getUint32(at + BASE.state, true))
    for (let n = view.getUint32(from, true); n > 0; n--) {
      const address = this.base - view.getUint32(from + 4 * n, true) * RECORD_UNIT
      log.open(address)
      const isEvent = ((log.bytes[log.at + HEAD.flags] as number) & IS_EVENT) !== 0
      if (isEvent && this.#events.mayHaveId(id) && samePackedId(id.bytes, 0, log.bytes, this.#events.idAt())) return address
    }
    return 0
  }

  /** The output at an address. */
  output(address: number): Published {
    const view = this.#at(address)
    const { at } = this.#log
    return {
      kind: outputKinds[view.getUint8(at + OUTPUT.kind)] ?? 'notice',
      from: view.getUint8(at + OUTPUT.from),
      to: view.getUint8(at + OUTPUT.to),
      rule: view.getUint16(at + OUTPUT.rule, true),
      cause: view.getUint8(at + OUTPUT.cause),
      at: view.getFloat64(at + HEAD.time, true),
      seq: view.getUint32(at + OUTPUT.seq, true),
    }
  }

  /** Adds an event, which belongs after the base. */
  addEvent(compact: CompactEvent, appliedAt: number, until: number): number {
    this.count += 1
    return this.#link(this.#events.append(compact, appliedAt, until))
  }

  addOutput(published: Published): void {
    const address = this.#log.append(OUTPUT.length, Number.NEGATIVE_INFINITY)
    const { view, at } = this.#log
    view.setFloat64(at + HEAD.time, published.at, true)
    view.setUint8(at + HEAD.flags, IS_OUTPUT)
    view.setUint8(at + OUTPUT.kind, outputKinds.indexOf(published.kind))
    view.setUint8(at + OUTPUT.from, published.from)
    view.setUint8(at + OUTPUT.to, published.to)
    view.setUint8(at + OUTPUT.cause, published.cause)
    view.setUint16(at + OUTPUT.rule, published.rule, true)
    view.setUint32(at + OUTPUT.seq, published.seq, true)
    this.#link(address)
  }

  /** Makes the packed state at a pointer the base of the next records. */
  addBaseAt(pointer: number, now: number, floor: number): void {
    const length = this.#states.length(pointer)
    this.#addBase(length, now, floor)
    if (length > 0) this.#states.copyTo(pointer, this.#log.words, this.#log.at + BASE.state)
  }

  /** Makes a packed state the base. @param after earlier events and outputs that belong after it */
  addBase(state: Uint8Array, now: number, after: { floor: number; events: readonly number[]; outputs: readonly number[] }): void {
    const addresses = [...after.events, ...after.outputs].sort((a, b) => a - b)
    this.#addBase(state.length, now, after.floor, addresses.length)
    this.#log.bytes.set(state, this.#log.at + BASE.state)
    this.count = after.events.length
    const [oldest] = addresses
    if (oldest === undefined) return
    const { view, at } = this.#log
    const distance = (address: number): number => (this.base - address) / RECORD_UNIT
    const from = at + listAfter(state.length)
    view.setUint32(at + HEAD.base, distance(oldest), true)
    view.setUint32(from, addresses.length, true)
    for (const [n, address] of addresses.entries()) view.setUint32(from + 4 + 4 * n, distance(address), true)
  }

  #addBase(length: number, now: number, floor: number, listed = 0): void {
    this.base = this.#log.append(listAfter(length) + (listed === 0 ? 0 : 4 + 4 * listed), Number.NEGATIVE_INFINITY)
    const { view, at } = this.#log
    view.setFloat64(at + HEAD.time, now, true)
    view.setUint8(at + HEAD.flags, IS_BASE)
    view.setUint32(at + BASE.count, 0, true)
    view.setFloat64(at + BASE.floor, floor, true)
    view.setUint32(at + BASE.state, 0, true)
    this.#link(this.base)
  }

  /** Fills in the distances of the newest record. */
  #link(address: number): number {
    const { view, at } = this.#log
    view.setUint32(at + HEAD.back, this.last === 0 ? 0 : (address - this.last) / RECORD_UNIT, true)
    view.setUint32(at + HEAD.base, (address - this.base) / RECORD_UNIT, true)
    this.last = address
    return address
  }

  #at(address: number): DataView {
    this.#log.open(address)
    return this.#log.view
  }
}

/** The offset of the list of a base, whose state has this length. */
const listAfter = (stateLength: number): number => BASE.state + Math.max(Math.ceil(stateLength / 4) * 4, 4)
