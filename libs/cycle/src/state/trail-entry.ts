import { packedLength } from '#keyed-state'
import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { Digest } from '../fold/digest.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

/** The entry is in the actor's journal. */
export const IN_JOURNAL = 1
/** Its id is among those that duplicates are told by. */
export const IN_RECENT = 2
/** It is the newest that a bound pushed out of the journal: what is not above it is late. */
export const IS_FLOOR = 4

/** Places in an entry: its length (u32), flags (u8), time and T when it was applied (f64), then signals, bits, packed id, contributions. */
export const ENTRY = { length: 0, flags: 4, time: 5, appliedAt: 13, signals: 21 } as const

const widthFor = (bits: number): number => (bits === 0 ? 0 : bits <= 8 ? 1 : 4)

/** How an event lies in a trail: as small as the definition allows. */
export class EntryLayout {
  readonly idOffset: number
  readonly #signalsWidth: number
  readonly #bitsWidth: number
  readonly #contributing: readonly number[]

  constructor(cycle: CompiledCycle) {
    this.#signalsWidth = widthFor(cycle.signals.length)
    this.#bitsWidth = widthFor(cycle.eventConditions.length)
    this.#contributing = cycle.measures.flatMap((measure, index) => (measure.of === undefined ? [] : [index]))
    this.idOffset = ENTRY.signals + this.#signalsWidth + this.#bitsWidth
  }

  write(to: ByteWriter, digest: Digest, flags: number, appliedAt: number): void {
    const start = to.at
    to.u32(0)
    to.u8(flags)
    to.f64(digest.time)
    to.f64(appliedAt)
    writeBits(to, digest.signals, this.#signalsWidth)
    writeBits(to, digest.bits, this.#bitsWidth)
    to.raw(digest.id, 0, digest.idLength)
    for (const index of this.#contributing) writeContribution(to, digest, index)
    to.view.setUint32(start, to.at - start, true)
  }

  /** @param from opened at the beginning of an entry */
  read(from: ByteReader, digest: Digest): void {
    from.at += ENTRY.time
    digest.time = from.f64()
    from.at += ENTRY.signals - ENTRY.appliedAt
    digest.signals = readBits(from, this.#signalsWidth)
    digest.bits = readBits(from, this.#bitsWidth)
    digest.idLength = packedLength(from.bytes, from.at)
    for (let i = 0; i < digest.idLength; i++) digest.id[i] = from.bytes[from.at + i] as number
    from.at += digest.idLength
    for (const index of this.#contributing) readContribution(from, digest, index)
  }
}

function writeBits(to: ByteWriter, bits: number, width: number): void {
  if (width === 1) to.u8(bits)
  else if (width === 4) to.u32(bits)
}

function readBits(from: ByteReader, width: number): number {
  if (width === 0) return 0
  return width === 1 ? from.u8() : from.u32() | 0
}

function writeContribution(to: ByteWriter, digest: Digest, index: number): void {
  const contribution = digest.contributions[index]
  if (contribution === undefined) to.u8(0)
  else if (typeof contribution === 'number') {
    to.u8(1)
    to.f64(contribution)
  } else {
    to.u8(2)
    to.text(contribution)
  }
}

function readContribution(from: ByteReader, digest: Digest, index: number): void {
  const kind = from.u8()
  if (kind === 0) digest.contributions[index] = undefined
  else digest.contributions[index] = kind === 1 ? from.f64() : from.text()
}
