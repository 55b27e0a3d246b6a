import type { QuarantineRecord } from '#contracts'
import type { SqliteLogWriter } from '../sqlite/sqlite-log-writer.ts'
import { type ActivityState, readActivityState } from './activity-state.ts'
import { packFrames } from './frames.ts'

/** What one write adds to the log. */
export interface Addition {
  /** Entries, one JSON text each. */
  readonly lines: readonly string[]
  readonly quarantine?: readonly QuarantineRecord[]
  /** How the state differs once they are durable. */
  readonly change: Partial<ActivityState>
}

const NOTE = 'activity'

/**
 * The writing end of the one partition of a data folder, shared by live ingest and by backfills. Writes go one after another, each
 * decided on the state that the one before left, so that the state in memory is always the durable one, also after a write that failed.
 */
export class ActivityLog {
  readonly #writer: SqliteLogWriter
  #state: ActivityState
  #last: Promise<unknown> = Promise.resolve()

  constructor(writer: SqliteLogWriter) {
    this.#writer = writer
    this.#state = readActivityState(writer.note(NOTE))
  }

  /** What is durable. */
  get state(): ActivityState {
    return this.#state
  }

  /**
   * Calls `decide` when its turn has come and appends what it answers.
   * @returns the state once that is durable; where `decide` answers undefined, as it is
   * @throws RondoError whatever `decide` throws, and what {@link SqliteLogWriter.append} rejects with
   */
  write(decide: (state: ActivityState) => Addition | undefined): Promise<ActivityState> {
    const turn = this.#last.then(() => this.#append(decide(this.#state)))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #append(addition: Addition | undefined): Promise<ActivityState> {
    if (addition === undefined) return this.#state
    const state = { ...this.#state, ...addition.change }
    const note = { key: NOTE, value: JSON.stringify(state) }
    await this.#writer.append(0, packFrames(addition.lines), { note, quarantine: addition.quarantine ?? [] })
    this.#state = state
    return state
  }
}
