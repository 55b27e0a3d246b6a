import { Gauge, type Registry } from 'prom-client'
import type { EventBuffer } from '#event-log'
import { valuesGauge } from '#process'
import type { Clock } from '#runtime'

/** Gauges of what waits in the buffer. @param buffer undefined if the process has none */
export function bufferGauges(registry: Registry, buffer: EventBuffer | undefined, clock: Clock): void {
  new Gauge({ name: 'rondo_buffer_limit_bytes', help: 'How many bytes the buffer of this process may hold; 0 without a buffer', registers: [registry] }).set(
    buffer?.bytesMax ?? 0,
  )
  const labelNames = ['topic', 'partition']
  const gauge = (name: string, help: string, of: (part: EventBuffer['parts'][number]) => number): void =>
    valuesGauge(registry, { name, help, labelNames, values: () => (buffer?.parts ?? []).map((part) => [part.place, of(part)] as const) })
  gauge('rondo_buffered_bytes', 'Bytes of events that wait in the buffer of this process for a partition of the log', ({ bytes }) => bytes)
  gauge('rondo_buffered_events', 'Events that wait in the buffer of this process for a partition of the log', ({ events }) => events)
  const oldest = 'Age of the oldest event that waits in the buffer of this process for a partition of the log'
  gauge('rondo_buffered_oldest_age_seconds', oldest, ({ oldestArrival }) => Math.max(0, clock.now() - (oldestArrival ?? clock.now())) / 1000)
}

/** Room for less than this is a full buffer: a frame has about so many bytes. */
const FRAME_BYTES = 65_536

/** What waits in the buffer, as a sentence; undefined while nothing does. */
export function bufferNote({ parts, bytes, bytesMax }: EventBuffer, clock: Clock): string | undefined {
  const waiting = parts.filter(({ isEmpty }) => !isEmpty)
  if (waiting.length === 0) return undefined
  const events = waiting.reduce((sum, part) => sum + part.events, 0)
  const oldest = Math.min(...waiting.map(({ oldestArrival }) => oldestArrival ?? clock.now()))
  const seconds = Math.max(0, Math.round((clock.now() - oldest) / 1000))
  return `${events} events (${bytes} of ${bytesMax} bytes) wait in the buffer for ${placesOf(waiting)}; the oldest came ${seconds} s ago.`
}

/** The reason for not being ready, if a partition that does not answer has no more room in the buffer, or on its disk. */
export function fullBuffer(buffer: EventBuffer): string | undefined {
  const full = buffer.parts.filter((part) => part.hasFailed || (!part.isEmpty && !buffer.fits(part, FRAME_BYTES)))
  return full.length === 0 ? undefined : `The log does not answer, and the buffer, or its disk, is full for ${placesOf(full)}: such events get 503.`
}

const placesOf = (parts: EventBuffer['parts']): string => parts.map(({ place: { topic, partition } }) => `${topic} partition ${partition}`).join(', ')
