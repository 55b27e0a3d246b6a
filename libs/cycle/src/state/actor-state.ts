import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Cell } from './cell.ts'
import { Track } from './track.ts'

const NEVER = Number.NEGATIVE_INFINITY
/** Gaps between active days that personal absence looks at. */
export const GAPS_MAX = 32

/** Where `effective` lies in the written bytes. */
export const EFFECTIVE_OFFSET = 32

const FLAG_WARNED = 1
const FLAG_ABSENCE_SPENT = 2

/**
 * Everything that the fold knows of one actor, unpacked. There are only a few of these: at rest an actor is the bytes that `write`
 * makes, a fixed part of 40 bytes and what the definition's measures hold.
 */
export class ActorState {
  /** 0 before anything. */
  stage = 0
  /** The active stage held last; 0 if there was none. */
  previous = 0
  /** A warning has been published in this silence. */
  warned = false
  /** The absence deadline of this stay has passed without a transition. */
  absenceSpent = false
  /** `after` rules of this stay that have passed without a transition: bits of their places in the stage's `afterRules`. */
  spentAfter = 0
  /** Stages held at the instant `heldAt` by deadlines there, as bits. Not stored: all deadlines of an instant fire before an actor rests. */
  held = 0
  heldAt = NEVER
  entered = NEVER
  /** Time of the newest event. */
  lastActivity = NEVER
  /** Bucket boundaries up to here have been examined. */
  examined = NEVER
  /** The latest deadline that published or spent something. */
  effective = NEVER
  /** Gaps between active days, in days, oldest first. */
  readonly gaps: number[] = []
  readonly cells: readonly Cell[]
  readonly tracks: readonly Track[]

  constructor(cycle: CompiledCycle) {
    this.cells = cycle.measures.map((measure) => measure.makeCell())
    this.tracks = cycle.tracks.map(() => new Track())
  }

  /** Back to before anything. */
  reset(): void {
    this.stage = 0
    this.previous = 0
    this.warned = false
    this.absenceSpent = false
    this.spentAfter = 0
    this.held = 0
    this.heldAt = NEVER
    this.entered = NEVER
    this.lastActivity = NEVER
    this.examined = NEVER
    this.effective = NEVER
    this.gaps.length = 0
    for (const cell of this.cells) cell.reset()
    for (const track of this.tracks) track.reset()
  }

  read(from: ByteReader): void {
    this.heldAt = NEVER
    this.stage = from.u8()
    this.previous = from.u8()
    const flags = from.u8()
    this.warned = (flags & FLAG_WARNED) !== 0
    this.absenceSpent = (flags & FLAG_ABSENCE_SPENT) !== 0
    const gaps = from.u8()
    this.spentAfter = from.u32()
    this.entered = from.f64()
    this.lastActivity = from.f64()
    this.examined = from.f64()
    this.effective = from.f64()
    this.gaps.length = 0
    for (let i = 0; i < gaps; i++) this.gaps.push(from.uint())
    for (let i = 0; i < this.cells.length; i++) (this.cells[i] as Cell).read(from)
    for (let i = 0; i < this.tracks.length; i++) (this.tracks[i] as Track).read(from)
  }

  write(to: ByteWriter): void {
    to.u8(this.stage)
    to.u8(this.previous)
    to.u8((this.warned ? FLAG_WARNED : 0) | (this.absenceSpent ? FLAG_ABSENCE_SPENT : 0))
    to.u8(this.gaps.length)
    to.u32(this.spentAfter)
    to.f64(this.entered)
    to.f64(this.lastActivity)
    to.f64(this.examined)
    to.f64(this.effective)
    for (const gap of this.gaps) to.uint(gap)
    for (let i = 0; i < this.cells.length; i++) (this.cells[i] as Cell).write(to)
    for (let i = 0; i < this.tracks.length; i++) (this.tracks[i] as Track).write(to)
  }
}
