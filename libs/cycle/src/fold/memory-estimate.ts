import type { CompiledCycle } from '../compile/compiled-cycle.ts'

/** Memory of one event: its record with a UUID, the hash of its id, and the unused space of both (measured by `npm run bench -- memory`). */
const EVENT_BYTES = 48

/** How long an event is remembered, and what that costs in memory. */
interface MemoryEstimate {
  /** In milliseconds: the longer one of the grace (a correction needs the event) and `dedupe` (a copy can come). */
  readonly rememberedMs: number
  readonly bytes: number
}

/** The memory of the events of a steady stream, without the actors. */
export function estimateMemory({ graceMs, dedupeMs }: CompiledCycle, eventsPerSecond: number): MemoryEstimate {
  const rememberedMs = Math.max(graceMs, dedupeMs)
  return { rememberedMs, bytes: Math.round((eventsPerSecond * rememberedMs * EVENT_BYTES) / 1000) }
}
