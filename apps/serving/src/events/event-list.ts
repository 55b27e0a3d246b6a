import type { z } from 'zod'
import type { EventName } from '#contracts'
import { type CompiledCycle, joinPathCounts, missingPaths, nearEvents, nearNames } from '#cycle'
import { readPartitionMetadata } from '#pipeline'
import type { Plan } from '#tracking-plan'
import type { ServingSources } from '../sources/serving-sources.ts'
import type { eventNamesAnswer } from './event-names-answer.ts'
import { sumNames } from './sum-names.ts'

/** A signal of the compiled cycle. */
type Signal = CompiledCycle['signals'][number]

/** Where the list gets the names of events, and what it compares them with. */
export interface EventListOptions {
  readonly cycle: CompiledCycle
  readonly names: ServingSources['names']
  readonly partitionMetadata: ServingSources['partitionMetadata']
  /** Undefined if this process has no plan. */
  readonly plan: Plan | undefined
}

/** The names of the events that are stored, beside what the definition and the tracking plan expect. */
export class EventList {
  readonly #options: EventListOptions

  constructor(options: EventListOptions) {
    this.#options = options
  }

  /** Everything is counted up to the last commit of each partition. */
  async all(): Promise<z.infer<typeof eventNamesAnswer>> {
    const { cycle, names, partitionMetadata, plan } = this.#options
    const partitions = await names()
    const sums = sumNames(partitions)
    const { since, events, defects, firstAt, lastAt, signals: ofOthers }: Omit<EventName, 'name' | 'samples' | 'version'> = sums.get(null) ?? NOTHING
    sums.delete(null)
    const stored = [...sums.values()].filter((record) => record.events > 0)
    const matched = new Set([...ofOthers, ...stored.flatMap(({ signals }) => signals)])
    const planned = plan?.list() ?? []
    const near = this.#nearTo(planned.map(({ event }) => event))
    return {
      since,
      partitions: { known: partitions.filter((records) => records.length > 0).length, all: partitions.length },
      items: stored.sort(byEvents).map((record) => this.#item(record, near)),
      others: { events, defects, firstAt, lastAt },
      unplanned: plan?.unplanned.mode ?? null,
      signalsWithoutEvents: cycle.signals.filter(({ id }) => !matched.has(id)).map((signal) => unmatched(signal, stored)),
      pathsWithoutEvents: missingPaths(joinPathCounts((await partitionMetadata()).map((text) => readPartitionMetadata(text)?.paths ?? {}))),
      plannedWithoutEvents: planned
        .filter(({ event }) => !stored.some(({ name }) => name === event))
        .map(({ event, version, mode }) => ({ event, version, mode })),
    }
  }

  #item({ name, since: _since, version: _version, ...counts }: EventName, near: (name: string) => string | null) {
    const event = String(name)
    const contract = this.#options.plan?.get(event)
    return {
      event,
      ...counts,
      near: counts.signals.length > 0 || contract !== undefined ? null : near(event),
      contract: contract === undefined ? null : { version: contract.version, mode: contract.mode },
    }
  }

  /** A name of a signal or of the plan that a name looks like; null if there is none, or if it is one of them itself. */
  #nearTo(planned: readonly string[]): (name: string) => string | null {
    const [nearSignal, nearPlanned] = [nearEvents(this.#options.cycle.signals), nearNames(planned)]
    return (name) => {
      const nearest = nearSignal(name) ?? nearPlanned(name)
      return nearest === undefined || nearest === name ? null : nearest
    }
  }
}

const byEvents = (a: EventName, b: EventName): number => b.events - a.events || (String(a.name) < String(b.name) ? -1 : 1)

/** The other names before anything was folded. */
const NOTHING = { since: null, events: 0, defects: 0, firstAt: null, lastAt: null, signals: [] } satisfies Partial<EventName>

/** A signal that matched no event, and how many events have its name: for those its `where` did not hold, or they are of another actor type. */
function unmatched({ id, events, matchesName }: Signal, stored: readonly EventName[]) {
  const named = stored.filter(({ name }) => name !== null && matchesName(name))
  return { signal: id, events: [...events], named: named.reduce((sum, { events: count }) => sum + count, 0) }
}
