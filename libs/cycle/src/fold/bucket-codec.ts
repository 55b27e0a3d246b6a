import { type Instant, outputKinds } from '#contracts'
import { packedLength } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import { CompactEvent } from '../events/compact-event.ts'
import { ByteReader, ByteWriter } from '../packed/bytes.ts'
import { ActorState } from '../state/actor-state.ts'
import { Contributions, IS_EVENT, IS_OBSOLETE, IS_OUTPUT, IS_PUSHED } from '../state/chain-record.ts'
import type { RecordChain } from '../state/record-chain.ts'
import type { ActorStore } from './actor-store.ts'
import type { Journals } from './journals.ts'
import { StageEvaluator } from './stage-evaluator.ts'

/** Increased when the layout of a bucket changes. Checkpoints of another layout are not read; the log is folded again instead. */
export const LAYOUT_VERSION = 3

/** Marks the event at the floor. The other flags of a record are those of chain-record.ts. */
const IS_FLOOR = 128
const NO_RECORDS_AFTER = { floor: 0, events: [], outputs: [] } as const
// What a checkpoint has of the chain of an actor: nothing, records without a base, or a base and the records after it.
const NO_CHAIN = 0
const NO_BASE = 1
const HAS_BASE = 2

/** Writes a bucket of actors as the bytes of a checkpoint, and reads them. */
export class BucketCodec {
  readonly #cycle: CompiledCycle
  readonly #store: ActorStore
  readonly #journals: Journals
  readonly #state: ActorState
  readonly #compact: CompactEvent
  readonly #chain: RecordChain
  readonly #evaluator: StageEvaluator
  readonly #contributions: Contributions
  readonly #writer = new ByteWriter()
  readonly #reader = new ByteReader()

  constructor(cycle: CompiledCycle, store: ActorStore, journals: Journals) {
    this.#cycle = cycle
    this.#store = store
    this.#chain = store.newChain()
    this.#journals = journals
    this.#state = new ActorState(cycle)
    this.#compact = new CompactEvent(cycle)
    this.#evaluator = new StageEvaluator(cycle, () => undefined)
    this.#contributions = new Contributions(cycle)
  }

  /** The bytes of a bucket. @param now log time: records that no coming event can need are left out */
  write(bucket: number, now: Instant): Uint8Array {
    const { table, states } = this.#store
    const writer = this.#writer
    writer.at = 0
    for (const slot of table.bucket(bucket)) {
      writer.text(table.id(slot))
      writer.uint(this.#store.seq(slot))
      this.#writeBlock(states.bytes(this.#store.state(slot)))
      states.read(this.#store.state(slot), this.#state)
      this.#writeChain(slot, now)
    }
    return writer.bytes.slice(0, writer.at)
  }

  /** Adds the actors of a bucket to the store, which must not have them yet. */
  read(bytes: Uint8Array): void {
    const { states, due } = this.#store
    const reader = this.#reader
    reader.open(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0)
    while (reader.at < bytes.length) {
      const slot = this.#store.slotOf(reader.text())
      this.#store.setSeq(slot, reader.uint())
      this.#store.setState(slot, states.restore(this.#readBlock()))
      states.read(this.#store.state(slot), this.#state)
      this.#readChain(slot)
      due.set(slot, this.#evaluator.nextDeadline(this.#state))
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

  #writeChain(slot: number, now: Instant): void {
    const chain = this.#store.openChain(this.#chain, slot)
    const writer = this.#writer
    if (chain.last === 0) {
      writer.u8(NO_CHAIN)
      return
    }
    const canChange = this.#journals.canChange(chain, this.#state, now)
    if (canChange) chain.findBase()
    const hasBase = canChange && (chain.flags(chain.base) & IS_OBSOLETE) === 0
    const floor = canChange && chain.floor !== 0 && chain.time(chain.floor) >= now - this.#cycle.graceMs ? chain.floor : 0
    writer.u8(hasBase ? HAS_BASE : NO_BASE)
    if (hasBase) {
      writer.f64(chain.time(chain.base))
      this.#writeBlock(chain.baseBytes())
    }
    const oldestNeeded = hasBase ? chain.oldestNeeded : Number.POSITIVE_INFINITY
    this.#writeRecords(this.#addressesNeeded(now, floor, oldestNeeded), floor, oldestNeeded)
  }

  /** The records of the open chain that are still needed, oldest first. */
  #addressesNeeded(now: Instant, floor: number, oldestNeeded: number): number[] {
    const chain = this.#chain
    const { journalMax } = this.#cycle
    const [oldest, floorTime] = floor === 0 ? [oldestNeeded, Number.NaN] : [0, chain.time(floor)]
    const addresses: number[] = []
    let eventsMet = 0
    for (let address = chain.last; address !== 0 && (address >= oldest || eventsMet < journalMax); address = chain.before(address)) {
      if ((chain.flags(address) & IS_EVENT) !== 0) eventsMet += 1
      if ((eventsMet <= journalMax && this.#detectsCopies(address, now)) || this.#isPushedAt(address, floorTime)) addresses.push(address)
      else if (this.#isSinceBase(address, oldestNeeded)) addresses.push(address)
    }
    return addresses.reverse()
  }

  #isSinceBase(address: number, oldestNeeded: number): boolean {
    const flags = this.#chain.flags(address)
    return address >= oldestNeeded && (flags & IS_OBSOLETE) === 0 && (flags & (IS_EVENT | IS_OUTPUT)) !== 0
  }

  /** Whether a bound pushed out this event, at the time of the floor. Copies of these events are detected by their ids. */
  #isPushedAt(address: number, floorTime: Instant): boolean {
    const chain = this.#chain
    return (chain.flags(address) & IS_PUSHED) !== 0 && chain.time(address) === floorTime
  }

  #detectsCopies(address: number, now: Instant): boolean {
    const chain = this.#chain
    return (chain.flags(address) & IS_EVENT) !== 0 && !(now - chain.appliedAt(address) > this.#cycle.dedupeMs)
  }

  #writeRecords(addresses: readonly number[], floor: number, oldestNeeded: number): void {
    this.#writer.uint(addresses.length)
    for (const address of addresses) {
      const flags = this.#chain.flags(address)
      if ((flags & IS_OUTPUT) !== 0) this.#writeOutput(address)
      // In a checkpoint the base is the first record. Events before it are marked as obsolete: they are part of the base.
      else this.#writeEvent(address, (address >= oldestNeeded ? flags : flags | IS_OBSOLETE) | (address === floor ? IS_FLOOR : 0))
    }
  }

  #writeEvent(address: number, flags: number): void {
    const writer = this.#writer
    const compact = this.#compact
    this.#chain.readEvent(address, compact)
    writer.u8(flags & (IS_EVENT | IS_OBSOLETE | IS_PUSHED | IS_FLOOR))
    writer.f64(compact.time)
    writer.f64(this.#chain.appliedAt(address))
    writer.u32(compact.place)
    writer.u32(compact.signals)
    writer.u32(compact.conditions)
    writer.raw(compact.idBytes, 0, compact.packedId.length)
    this.#contributions.write(writer, compact)
  }

  #writeOutput(address: number): void {
    const writer = this.#writer
    const { kind, from, to, rule, cause, at, seq } = this.#chain.output(address)
    writer.u8(IS_OUTPUT)
    for (const number of [outputKinds.indexOf(kind), from, to, rule, cause, seq]) writer.uint(number)
    writer.f64(at)
  }

  #readChain(slot: number): void {
    const reader = this.#reader
    const kind = reader.u8()
    if (kind === NO_CHAIN) return
    const chain = this.#chain
    chain.open(slot, 0)
    if (kind === HAS_BASE) {
      const time = reader.f64()
      chain.addBase(this.#readBlock(), time, NO_RECORDS_AFTER)
    } else {
      chain.addBase(new Uint8Array(0), Number.NEGATIVE_INFINITY, NO_RECORDS_AFTER)
      chain.addFlags(chain.base, IS_OBSOLETE)
    }
    let count = 0
    for (let left = reader.uint(); left > 0; left--) {
      const flags = reader.u8()
      if (flags === IS_OUTPUT) this.#readOutput()
      else if (this.#readEvent(slot, flags)) count += 1
    }
    chain.count = count
    chain.keep(Math.max(this.#state.lastActivity, this.#state.lastEffect) + this.#cycle.graceMs)
    this.#store.closeChain(chain)
  }

  /** @returns whether the event belongs after the base */
  #readEvent(slot: number, flags: number): boolean {
    const reader = this.#reader
    const compact = this.#compact
    compact.time = reader.f64()
    const appliedAt = reader.f64()
    compact.place = reader.u32()
    compact.signals = reader.u32() | 0
    compact.conditions = reader.u32() | 0
    const length = packedLength(reader.bytes, reader.at)
    compact.packedId.copy(reader.bytes, reader.at, length)
    reader.at += length
    this.#contributions.read(reader, compact)
    const address = this.#store.addEvent(this.#chain, compact, appliedAt, Number.NEGATIVE_INFINITY)
    this.#chain.addFlags(address, flags & ~IS_FLOOR)
    if ((flags & IS_FLOOR) !== 0) this.#chain.floor = address
    if ((flags & IS_OBSOLETE) !== 0) return false
    this.#journals.countEntry(slot, compact.time, Number.NEGATIVE_INFINITY)
    return true
  }

  #readOutput(): void {
    const reader = this.#reader
    const kind = outputKinds[reader.uint()] ?? 'notice'
    const [from, to, rule, cause, seq] = [reader.uint(), reader.uint(), reader.uint(), reader.uint(), reader.uint()]
    this.#chain.addOutput({ kind, from, to, rule, cause, at: reader.f64(), seq })
  }
}
