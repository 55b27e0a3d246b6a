import { type CompiledCycle, EventSurvey } from '#cycle'
import { IdClashes, type SourceRow } from '#sources'
import { noteId, rememberMsOf } from '../rows/row-ids.ts'

/** Looks at the rows of an import for things that people should see, such as ids that several events share. */
export class HistorySurvey {
  readonly #events: EventSurvey
  readonly #ids: IdClashes

  constructor(cycle: CompiledCycle) {
    this.#events = new EventSurvey(cycle)
    this.#ids = new IdClashes(rememberMsOf(cycle))
  }

  count(row: SourceRow): void {
    // Only ids of events that match a signal count: the fold remembers no others.
    if (this.#events.count(row)) noteId(row, this.#ids)
  }

  messages(): string[] {
    return this.#events.describe(this.#ids.counts)
  }
}
