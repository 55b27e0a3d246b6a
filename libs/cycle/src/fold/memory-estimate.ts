import type { CompiledCycle } from '../compile/compiled-cycle.ts'

/** What an event takes while it is remembered: its record with a UUID, what its copies are told by, and the room in which both grow (`npm run bench -- memory`). */
const EVENT_BYTES = 48

/** How long an event is remembered, and what that costs in memory. */
interface MemoryEstimate {
  /** In milliseconds: within its grace an event can move in its actor's history, within `dedupe` a copy of it can come. */
  readonly rememberedMs: number
  readonly bytes: number
}

/** What the events of a steady stream take in memory, besides the actors themselves. */
export function estimateMemory({ graceMs, dedupeMs }: CompiledCycle, eventsPerSecond: number): MemoryEstimate {
  const rememberedMs = Math.max(graceMs, dedupeMs)
  return { rememberedMs, bytes: Math.round((eventsPerSecond * rememberedMs * EVENT_BYTES) / 1000) }
}
