import { type PackedId, packedLength, RECORD_UNIT, type RecordLog } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { CompactEvent } from '../events/compact-event.ts'
import { ByteReader, ByteWriter } from '../packed/bytes.ts'

/** An event that was applied. */
export const IS_EVENT = 1
/** A published transition or notice that is in effect. */
export const IS_OUTPUT = 2
/** A state from which a correction folds again. */
export const IS_BASE = 4
/** No correction needs the record: an event or output before the base, a retracted output, or a base without later records. */
export const IS_OBSOLETE = 8
/** An event that a bound pushed out of the journal. */
export const IS_PUSHED = 16
/** An event with numbers that do not fit into the small fields. */
const IS_WIDE = 32

/** The head of all records: the distances (in units) to the actor's record before and to the base (in a base: to the oldest record that it lists); a time; flags. */
export const HEAD = { back: 0, base: 4, time: 8, flags: 20 } as const
/**
 * An event then has: its age (T when it was applied, minus its time); signals and conditions (u8); its packed id, aligned so that a UUID begins at
 * a word; its place in the log. A wide event has the larger numbers behind that.
 */
const EVENT = { age: 16, signals: 21, conditions: 22, id: 23 } as const
const AFTER_ID = { place: 0, length: 4 } as const
const WIDE = { appliedAt: 4, signals: 12, conditions: 16, length: 20 } as const

const aligned = (length: number): number => Math.ceil(length / RECORD_UNIT) * RECORD_UNIT

/** Reads and writes the events of a chain: 44 bytes with a UUID, then their contributions to measures. */
export class EventRecords {
  readonly #log: RecordLog
  readonly #contributions: Contributions
  readonly #writer = new ByteWriter()
  readonly #reader = new ByteReader()

  constructor(cycle: CompiledCycle, log: RecordLog) {
    this.#log = log
    this.#contributions = new Contributions(cycle)
  }

  /** Writes an event; the caller fills in the distances of its head. @returns its address */
  append(compact: CompactEvent, appliedAt: number, until: number): number {
    const log = this.#log
    const { time, signals, conditions } = compact
    const age = appliedAt - time
    const isWide = (age | 0) !== age || signals >>> 8 !== 0 || conditions >>> 8 !== 0
    const idEnd = aligned(EVENT.id + compact.packedId.length)
    this.#writer.at = 0
    this.#contributions.write(this.#writer, compact)
    const added = this.#writer.at
    const contributionsAt = idEnd + (isWide ? WIDE.length : AFTER_ID.length)
    const address = log.append(contributionsAt + added, until)
    const { view, at } = log
    view.setFloat64(at + HEAD.time, time, true)
    view.setUint8(at + HEAD.flags, isWide ? IS_EVENT | IS_WIDE : IS_EVENT)
    view.setUint32(at + idEnd + AFTER_ID.place, compact.place, true)
    if (isWide) {
      view.setFloat64(at + idEnd + WIDE.appliedAt, appliedAt, true)
      view.setInt32(at + idEnd + WIDE.signals, signals, true)
      view.setInt32(at + idEnd + WIDE.conditions, conditions, true)
    } else {
      view.setInt32(at + EVENT.age, age, true)
      view.setUint8(at + EVENT.signals, signals)
      view.setUint8(at + EVENT.conditions, conditions)
    }
    this.#writeId(compact)
    const { bytes } = log
    for (let i = 0, to = at + contributionsAt; i < added; i++) bytes[to + i] = this.#writer.bytes[i] as number
    return address
  }

  /** T when the event of the open record was applied. */
  appliedAt(): number {
    const { view, at } = this.#log
    if ((view.getUint8(at + HEAD.flags) & IS_WIDE) !== 0) return view.getFloat64(this.#idEnd() + WIDE.appliedAt, true)
    return view.getFloat64(at + HEAD.time, true) + view.getInt32(at + EVENT.age, true)
  }

  /** False if the open record certainly has another id. Most UUIDs differ in their first word. A packed id whose first byte is 0 is a UUID. */
  mayHaveId(id: PackedId): boolean {
    const { bytes, words, at } = this.#log
    const first = bytes[at + EVENT.id] as number
    return first === id.bytes[0] && (first !== 0 || words[(at + EVENT.id + 1) >> 2] === id.words[0])
  }

  /** The offset of the packed id of the open record. */
  idAt(): number {
    return this.#log.at + EVENT.id
  }

  read(compact: CompactEvent): void {
    const { view, at, bytes } = this.#log
    const isWide = (view.getUint8(at + HEAD.flags) & IS_WIDE) !== 0
    const idEnd = this.#idEnd()
    compact.time = view.getFloat64(at + HEAD.time, true)
    compact.place = view.getUint32(idEnd + AFTER_ID.place, true)
    compact.signals = isWide ? view.getInt32(idEnd + WIDE.signals, true) : view.getUint8(at + EVENT.signals)
    compact.conditions = isWide ? view.getInt32(idEnd + WIDE.conditions, true) : view.getUint8(at + EVENT.conditions)
    compact.packedId.copy(bytes, at + EVENT.id, packedLength(bytes, at + EVENT.id))
    this.#reader.open(bytes, view, idEnd + (isWide ? WIDE.length : AFTER_ID.length))
    this.#contributions.read(this.#reader, compact)
  }

  #idEnd(): number {
    const { bytes, at } = this.#log
    return at + aligned(EVENT.id + packedLength(bytes, at + EVENT.id))
  }

  #writeId({ packedId }: CompactEvent): void {
    const { bytes, words, at } = this.#log
    if (!packedId.isUuid) {
      for (let i = 0; i < packedId.length; i++) bytes[at + EVENT.id + i] = packedId.bytes[i] as number
      return
    }
    bytes[at + EVENT.id] = 0
    for (let i = 0, to = (at + EVENT.id + 1) >> 2; i < 4; i++) words[to + i] = packedId.words[i] as number
  }
}

/** The type of a contribution, stored before it. Part of the layout of checkpoints. */
const CONTRIBUTES = { nothing: 0, number: 1, text: 2 } as const

/** The contributions of an event to measures, as bytes. */
export class Contributions {
  readonly #measures: readonly number[]

  constructor(cycle: CompiledCycle) {
    this.#measures = cycle.measures.flatMap((measure, index) => (measure.of === undefined ? [] : [index]))
  }

  write(to: ByteWriter, compact: CompactEvent): void {
    for (let i = 0; i < this.#measures.length; i++) {
      const contribution = compact.contributions[this.#measures[i] as number]
      if (contribution === undefined) to.u8(CONTRIBUTES.nothing)
      else if (typeof contribution === 'number') {
        to.u8(CONTRIBUTES.number)
        to.f64(contribution)
      } else {
        to.u8(CONTRIBUTES.text)
        to.text(contribution)
      }
    }
  }

  read(from: ByteReader, compact: CompactEvent): void {
    for (let i = 0; i < this.#measures.length; i++) {
      const kind = from.u8()
      const read = kind === CONTRIBUTES.nothing ? undefined : kind === CONTRIBUTES.number ? from.f64() : from.text()
      compact.contributions[this.#measures[i] as number] = read
    }
  }
}
