import { type CompiledCycle, EventSurvey } from '#cycle'
import { IdClashes, type SourceRow } from '#sources'
import { noteId, rememberMsOf } from '../rows/row-ids.ts'

/** Messages about the rows of an import, beside their number. */
export class HistorySurvey {
  readonly #events: EventSurvey
  readonly #ids: IdClashes

  constructor(cycle: CompiledCycle) {
    this.#events = new EventSurvey(cycle)
    this.#ids = new IdClashes(rememberMsOf(cycle))
  }

  take(row: SourceRow): void {
    // Only ids of events that match a signal count: the fold remembers no others.
    if (this.#events.take(row)) noteId(row, this.#ids)
  }

  say(): string[] {
    return this.#events.say(this.#ids.counts)
  }
}
