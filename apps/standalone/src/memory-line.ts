import { type CompiledCycle, estimateMemory } from '#cycle'

/** Enough that the figure tells something, few enough that many a product stays below. */
const EVENTS_PER_SECOND = 100
const HOUR_MS = 3_600_000

/** What the grace and the dedupe of a definition cost in memory, so that one can decide how long they should be. */
export function memoryLine(cycle: CompiledCycle): string {
  const { rememberedMs, bytes } = estimateMemory(cycle, EVENTS_PER_SECOND)
  const megabytes = Math.ceil(bytes / 1e6)
  return (
    `Memory: each event is remembered for ${Math.round((rememberedMs / HOUR_MS) * 10) / 10} hours (the longer of grace and dedupe). At ` +
    `${EVENTS_PER_SECOND} events a second that is about ${megabytes} MB. Each actor takes a few hundred bytes more, and twice that while its events can still change places.`
  )
}
