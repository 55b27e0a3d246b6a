import { type CompiledCycle, estimateMemory } from '#cycle'

/** An example for the message: large enough to matter, and small enough for most products. */
const EVENTS_PER_SECOND = 100
const HOUR_MS = 3_600_000

/** The cost in memory of the grace and the dedupe of a definition, which helps to choose them. */
export function memoryLine(cycle: CompiledCycle, isOneOfSeveral = false): string {
  const { rememberedMs, bytes } = estimateMemory(cycle, EVENTS_PER_SECOND)
  const megabytes = Math.ceil(bytes / 1e6)
  return (
    `Memory${isOneOfSeveral ? ` of the cycle ${cycle.cycle}` : ''}: each event is remembered for ${Math.round((rememberedMs / HOUR_MS) * 10) / 10} hours (the longer of grace and dedupe). At ` +
    `${EVENTS_PER_SECOND} events a second that is about ${megabytes} MB. Each actor takes a few hundred bytes more, and twice that while its events can still change places.`
  )
}
