import { type CompiledCycle, describeMissingPath, EventSurvey, missingPaths, UNSEEN_MIN } from '#cycle'
import type { LogRecord } from '#event-log'
import { decodeRecord } from './decode-frame.ts'

/** Looks through some records of a log for the paths of definitions that no event there has, without folding them. */
export class PathSample {
  readonly #surveys: readonly { readonly cycle: string; readonly survey: EventSurvey }[]

  constructor(cycles: readonly CompiledCycle[]) {
    this.#surveys = cycles.map((cycle) => ({ cycle: cycle.cycle, survey: new EventSurvey(cycle) }))
  }

  /** Counts the events of a record. What cannot be read is skipped: the fold reports it. */
  saw(record: LogRecord): void {
    for (const entry of decodeRecord(record)) {
      if (entry.kind !== 'event') continue
      for (const { survey } of this.#surveys) survey.count(entry.event)
    }
  }

  /** A sentence for each path that none of at least 100 events has. */
  get texts(): string[] {
    return this.#surveys.flatMap(({ cycle, survey }) =>
      missingPaths(survey.pathCounts, UNSEEN_MIN)
        .filter(({ wasSeen }) => !wasSeen)
        .map((found) => `Cycle ${cycle}, in the newest part of the log: ${describeMissingPath(found)}`),
    )
  }
}
