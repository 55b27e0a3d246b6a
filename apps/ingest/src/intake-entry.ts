import type { ActivityEvent, Instant, QuarantineRecord, RondoError } from '#contracts'

/** What one request brings, until it is durable. */
export interface IntakeEntry {
  readonly lines: readonly string[]
  readonly quarantine: readonly QuarantineRecord[]
  readonly arrival: Instant
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (failure: RondoError) => void
}

type Settled = Pick<IntakeEntry, 'resolve' | 'reject'>

export function intakeEntry(arrival: Instant, events: readonly ActivityEvent[], quarantine: readonly QuarantineRecord[], settled: Settled): IntakeEntry {
  const lines = events.map((event) => JSON.stringify(event))
  const bytes = lines.reduce((sum, line) => sum + line.length, 0) + quarantine.reduce((sum, { raw }) => sum + raw.length, 0)
  return { lines, quarantine, arrival, bytes, ...settled }
}
