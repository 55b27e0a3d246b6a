import type { CompiledCycle } from '../compile/compiled-cycle.ts'
import type { Accumulator } from '../measures/accumulator.ts'
import type { ByteReader, ByteWriter } from '../packed/bytes.ts'
import { RecentEvents } from './recent-events.ts'

const NEVER = Number.NEGATIVE_INFINITY
/** The most gaps between active days that a personal absence uses. */
export const GAPS_MAX = 32

/** Offsets in a packed state: its length (u32), stage, previous, flags, number of gaps (u8), spent `after` rules (u32), four times (f64). */
export const PACKED = {
  length: 0,
  stage: 4,
  previous: 5,
  flags: 6,
  gaps: 7,
  spentAfter: 8,
  entered: 16,
  lastActivity: 24,
  examined: 32,
  lastEffect: 40,
  rest: 48,
} as const

/** Bits of the packed flags. */
const FLAG_WARNED = 1
const FLAG_ABSENCE_SPENT = 2

/**
 * The state of one actor, unpacked. There are only a few of these objects; all other actors are packed as bytes (`writeFixed`, `writeRest`): a
 * fixed part of 48 bytes, then the accumulators of the definition's measures.
 */
export class ActorState {
  /** 0 for start. */
  stage = 0
  /** The last active stage; 0 if there was none. */
  previous = 0
  /** Whether a warning has been published since the last activity. */
  warned = false
  /** Whether the absence deadline of this stage has passed without a transition. */
  absenceSpent = false
  /** Bits of the stage's `afterRules` whose deadlines have passed without a transition. */
  spentAfter = 0
  /** Bits of the stages that deadlines visited at the instant `visitedAt`. Not stored: all deadlines of an instant fire before a state is packed. */
  visited = 0
  visitedAt = NEVER
  entered = NEVER
  /** Time of the newest event. */
  lastActivity = NEVER
  /** Bucket boundaries up to this instant have been examined for run-outs. */
  examined = NEVER
  /** The latest deadline that published an output or was spent. */
  lastEffect = NEVER
  /** Gaps between active days, in days, oldest first. */
  readonly gaps: number[] = []
  readonly accumulators: readonly Accumulator[]
  readonly recentEvents: readonly RecentEvents[]

  /** Whether all states of the definition have the same length. */
  readonly isFixed: boolean

  constructor(cycle: CompiledCycle) {
    this.accumulators = cycle.measures.map((measure) => measure.makeAccumulator())
    this.recentEvents = cycle.recentSignals.map(() => new RecentEvents())
    this.isFixed = this.accumulators.length === 0 && !cycle.keepsGaps
  }

  /** The state of a new actor. */
  reset(): void {
    this.stage = 0
    this.previous = 0
    this.warned = false
    this.absenceSpent = false
    this.spentAfter = 0
    this.visited = 0
    this.visitedAt = NEVER
    this.entered = NEVER
    this.lastActivity = NEVER
    this.examined = NEVER
    this.lastEffect = NEVER
    this.gaps.length = 0
    for (const accumulator of this.accumulators) accumulator.reset()
    for (const recent of this.recentEvents) recent.reset()
  }

  /** @param at where the packed state begins */
  read(from: ByteReader, view: DataView, at: number): void {
    this.visitedAt = NEVER
    this.stage = view.getUint8(at + PACKED.stage)
    this.previous = view.getUint8(at + PACKED.previous)
    const flags = view.getUint8(at + PACKED.flags)
    this.warned = (flags & FLAG_WARNED) !== 0
    this.absenceSpent = (flags & FLAG_ABSENCE_SPENT) !== 0
    this.spentAfter = view.getUint32(at + PACKED.spentAfter, true)
    this.entered = view.getFloat64(at + PACKED.entered, true)
    this.lastActivity = view.getFloat64(at + PACKED.lastActivity, true)
    this.examined = view.getFloat64(at + PACKED.examined, true)
    this.lastEffect = view.getFloat64(at + PACKED.lastEffect, true)
    if (!this.isFixed) this.#readRest(from, view.getUint8(at + PACKED.gaps))
  }

  /** Writes the fixed part. @param length the length of the whole packed state */
  writeFixed(view: DataView, at: number, length: number): void {
    view.setUint32(at + PACKED.length, length, true)
    view.setUint8(at + PACKED.stage, this.stage)
    view.setUint8(at + PACKED.previous, this.previous)
    view.setUint8(at + PACKED.flags, (this.warned ? FLAG_WARNED : 0) | (this.absenceSpent ? FLAG_ABSENCE_SPENT : 0))
    view.setUint8(at + PACKED.gaps, this.gaps.length)
    view.setUint32(at + PACKED.spentAfter, this.spentAfter, true)
    view.setUint32(at + PACKED.spentAfter + 4, 0, true)
    view.setFloat64(at + PACKED.entered, this.entered, true)
    view.setFloat64(at + PACKED.lastActivity, this.lastActivity, true)
    view.setFloat64(at + PACKED.examined, this.examined, true)
    view.setFloat64(at + PACKED.lastEffect, this.lastEffect, true)
  }

  /** Writes the part of variable length. */
  writeRest(to: ByteWriter): void {
    for (const gap of this.gaps) to.uint(gap)
    for (let i = 0; i < this.accumulators.length; i++) (this.accumulators[i] as Accumulator).write(to)
    for (let i = 0; i < this.recentEvents.length; i++) (this.recentEvents[i] as RecentEvents).write(to)
  }

  #readRest(from: ByteReader, gaps: number): void {
    this.gaps.length = 0
    for (let i = 0; i < gaps; i++) this.gaps.push(from.uint())
    for (let i = 0; i < this.accumulators.length; i++) (this.accumulators[i] as Accumulator).read(from)
    for (let i = 0; i < this.recentEvents.length; i++) (this.recentEvents[i] as RecentEvents).read(from)
  }
}
