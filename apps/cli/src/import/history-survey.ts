import { type CompiledCycle, EventSurvey } from '#cycle'
import { IdClashes, type SourceRow } from '#sources'
import { noteId, rememberMsOf } from '../rows/row-ids.ts'

/** Looks at the rows of an import for things that people should see, such as ids that several events share, for each cycle that will fold them. */
export class HistorySurvey {
  readonly #cycles: readonly { readonly cycle: string; readonly events: EventSurvey; readonly ids: IdClashes }[]

  constructor(cycles: readonly CompiledCycle[]) {
    this.#cycles = cycles.map((cycle) => ({ cycle: cycle.cycle, events: new EventSurvey(cycle), ids: new IdClashes(rememberMsOf(cycle)) }))
  }

  count(row: SourceRow): void {
    for (const { events, ids } of this.#cycles) {
      // Only ids of events that match a signal count: the fold remembers no others.
      if (events.count(row)) noteId(row, ids)
    }
  }

  /** The remarks; where there are several cycles, each with its cycle. */
  messages(): string[] {
    const isAlone = this.#cycles.length === 1
    return this.#cycles.flatMap(({ cycle, events, ids }) => events.describe(ids.counts).map((text) => (isAlone ? text : `Cycle ${cycle}: ${text}`)))
  }
}
