import { z } from 'zod'
import { type CompiledCycle, describeRemarks, dispositions, joinPathCounts, joinRemarks, missingPaths, nearEvents, type RemarksRecord } from '#cycle'
import { readPartitionMetadata } from '#pipeline'
import type { ServingSources } from '../sources/serving-sources.ts'

const count = z.int().nonnegative()
/** A path of the definition at which no event has a value. */
export const missingPathAnswer = z.strictObject({ path: z.string(), events: count, wasSeen: z.boolean(), near: z.string().nullable() })

export const remarksAnswer = z.strictObject({
  cycle: z.string(),
  partitions: z.strictObject({ known: count, all: count }),
  counts: z.record(z.string(), count),
  unmatched: z.array(z.strictObject({ event: z.string(), events: count, near: z.string().nullable() })),
  unmatchedOthers: count,
  texts: z.array(z.strictObject({ path: z.string(), events: count, example: z.string() })),
  skipped: z.array(z.looseObject({ measure: z.string() })),
  suspicious: z.array(z.strictObject({ actor: z.string(), events: count })),
  addressing: z.looseObject({ paths: z.array(z.string()).readonly(), events: count }).optional(),
  missingPaths: z.array(missingPathAnswer),
  words: z.array(z.string()),
})

/** Remarks of the fold about events, beside their outcomes: events that match no signal, values that a measure left out, suspicious ids. */
export class RemarkList {
  readonly #cycle: CompiledCycle
  readonly #metadata: ServingSources['partitionMetadata']

  constructor(cycle: CompiledCycle, metadata: ServingSources['partitionMetadata']) {
    this.#cycle = cycle
    this.#metadata = metadata
  }

  /** Counted since the log's beginning. `partitions`: how many of them are included, and how many there are. */
  async all(): Promise<z.infer<typeof remarksAnswer>> {
    const texts = await this.#metadata()
    const metadata = texts.map(readPartitionMetadata).filter((of) => of !== undefined)
    const counts = Object.fromEntries(
      dispositions.map((disposition) => [disposition, metadata.reduce((sum, { counts: each }) => sum + (each[disposition] ?? 0), 0)]),
    )
    const record = joinRemarks(metadata.flatMap(({ remarks }) => (remarks === undefined ? [] : [remarks])))
    const pathCounts = joinPathCounts(metadata.map((of) => of.paths ?? {}))
    const near = nearEvents(this.#cycle.signals)
    const events = eventsIn(counts, record)
    const paths = this.#cycle.addressing?.paths
    return {
      cycle: this.#cycle.cycle,
      partitions: { known: metadata.length, all: texts.length },
      counts,
      unmatched: record.unmatched.map(([event, count]) => ({ event, events: count, near: otherThan(event, near(event)) })),
      unmatchedOthers: record.otherNames,
      texts: Object.entries(record.texts).map(([path, { events, example }]) => ({ path, events, example })),
      skipped: Object.entries(record.skipped).map(([measure, values]) => ({ measure, ...values })),
      suspicious: Object.entries(record.suspicious).map(([actor, count]) => ({ actor, events: count })),
      ...(record.addressing && { addressing: { paths: paths ?? [], ...record.addressing } }),
      missingPaths: missingPaths(pathCounts),
      words: describeRemarks(record, { near, paths, pathCounts, events, late: { events: counts['late-grace'] ?? 0, graceMs: this.#cycle.graceMs } }),
    }
  }
}

/** The events that the cycle may be about. Where they count for the actors that they name, most counts are of these actors. */
function eventsIn({ 'other-actor': _, ...counts }: Readonly<Record<string, number>>, { addressing }: RemarksRecord): number {
  if (addressing !== undefined) return (counts.unmatched ?? 0) + addressing.events
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** Similar names are not suggested if a signal has exactly this name: then the event matches the name, but not the signal's `where`. */
const otherThan = (event: string, near: string | undefined): string | null => (near === undefined || near === event ? null : near)
