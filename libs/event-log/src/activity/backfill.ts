import { type ActivityEvent, type ControlRecord, formatDuration, formatInstant, type Instant, instantOf, type QuarantineRecord, RondoError } from '#contracts'
import { type Clock, faultPoint, randomId } from '#runtime'
import type { ActivityLog, Addition } from './activity-log.ts'
import { type ActivityState, later, type OpenBackfill } from './activity-state.ts'

/** An import that gets no rows for this long is ended, since live events wait for its end. */
const IDLE_MS_MAX = 15 * 60_000
/** The pause after an end that could not be written and may be written later. */
const RETRY_MS = 1000

/** What a {@link Backfill} works with. */
export interface BackfillOptions {
  readonly log: ActivityLog
  readonly clock: Clock
  /** The grace of the definition that folds the log; of several the least. */
  readonly graceMs: number
  /** How long an import may get no rows before it is ended; 15 minutes unless set. */
  readonly idleMsMax?: number
  /** Called when live events that waited may continue. `stalled` if the importer sent no rows, which is an alarm. */
  readonly onEnded?: (ended: { source: string; rows: number; stalled: boolean }) => void
  readonly onFailure?: (failure: RondoError) => void
}

/** The data about its rows that an importer sends before them. */
export interface BackfillRequest {
  readonly source: string
  readonly firstTime: Instant
  readonly shiftMs?: number
}

/** An import and the number of its rows that are durable. Rows sent later must be moved by the same `shiftMs` as the first. */
export interface BackfillStatus extends OpenBackfill {
  readonly open: boolean
}

/** Rows in their order, from the number `first` on, counted from 0. A refused one is null, and `quarantine` has one record for each, in the same order. */
export interface BackfillRows {
  readonly first: number
  readonly rows: readonly (ActivityEvent | null)[]
  readonly quarantine?: readonly QuarantineRecord[]
  /**
   * As in {@link OpenBackfill}, of all rows up to the last of these. The checksum holds only behind the rows that its sender knows, so rows with a checksum
   * must begin exactly where the log ends.
   */
  readonly checksum?: number | undefined
}

/**
 * History written into the log between `backfill.begin` and `backfill.end` (rule 3), resumable: the number of durable rows is
 * noted in the transaction that makes them durable. Used in a running process and on the folder of a stopped one.
 */
export class Backfill {
  readonly #options: BackfillOptions
  readonly #log: ActivityLog
  #graceMs: number
  #idleTimer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: BackfillOptions) {
    this.#options = options
    this.#graceMs = options.graceMs
    this.#log = options.log
    if (this.#log.state.backfill !== null) this.#awaitRows()
  }

  /** The open import; undefined if there is none. */
  current(): BackfillStatus | undefined {
    const { backfill } = this.#log.state
    return backfill === null ? undefined : { ...backfill, open: true }
  }

  /** The grace of the definition that folds the log; of several the least. */
  get graceMs(): number {
    return this.#graceMs
  }

  /** Another definition folds the log too: an import that begins from now on must not be late for it either. */
  coverGrace(ms: number): void {
    this.#graceMs = Math.min(this.#graceMs, ms)
  }

  /** When the oldest live event arrived that waits for the end of this import; undefined if none waits. Rows must be earlier. */
  get heldSince(): Instant | undefined {
    return this.#log.state.held?.since
  }

  /**
   * Begins an import, or continues an unfinished one of the same source; if the whole import is in the log already, `open` is false.
   * Live events that an earlier import has held are put into the log first: the rows of this import would move log time past them.
   * @throws RondoError RONDO_IMPORT_TOO_OLD, or RONDO_BACKFILL_BUSY if the import of another source is unfinished
   */
  async begin(request: BackfillRequest): Promise<BackfillStatus> {
    let state: ActivityState
    do {
      await this.#log.release()
      state = await this.#log.write((before) => (isWaitingForRelease(before) ? undefined : this.#firstAddition(before, request)))
    } while (isWaitingForRelease(state))
    this.#awaitRows()
    const status = state.backfill ?? state.ended
    if (status === null) throw new RondoError('RONDO_INTERNAL', 'An import was begun and is not there. Please report it.')
    const { id, source, rows, shiftMs, checksum } = status
    return { id, source, rows, shiftMs, ...(checksum === undefined ? {} : { checksum }), open: state.backfill !== null }
  }

  /**
   * Writes the rows that are not in the log yet.
   * @returns how many of the import's rows are durable
   * @throws RondoError RONDO_IMPORT_CONFLICT if there is a gap before the first, or if rows with a checksum are in the log already; RONDO_NOT_FOUND if this
   * import is not open
   */
  async put(id: string, part: BackfillRows): Promise<number> {
    faultPoint('import', 'enter')
    try {
      const state = await this.#log.write((before) => this.#rowsAddition(before, id, part))
      this.#awaitRows()
      return state.backfill?.rows ?? 0
    } finally {
      faultPoint('import', 'leave')
    }
  }

  /** Ends an import; for one that has ended already it does nothing. Log time moves on after it. */
  async end(id: string): Promise<BackfillStatus> {
    return this.#end(id, true)
  }

  /** Stops waiting for rows; an open import stays open and can be continued. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#idleTimer)
  }

  #firstAddition(state: ActivityState, { source, firstTime, shiftMs = 0 }: BackfillRequest): Addition | undefined {
    const { backfill, ended } = state
    if (backfill !== null && backfill.source !== source) throw importUnderWay(backfill)
    if (backfill !== null || (ended?.complete === true && ended.source === source)) return undefined
    const tick = missingTick(state)
    const logTime = later(state.logTime, tick)
    this.#checkAge({ ...state, logTime }, firstTime)
    const id = randomId()
    const lines = [this.#record('backfill.begin', id)]
    const begun = { backfill: { id, source, rows: 0, shiftMs } }
    if (tick === null || state.writer === null) return { lines, change: begun }
    return { lines: [recordOf('tick', state.writer, tick), ...lines], change: { ...begun, tick, logTime } }
  }

  #rowsAddition(state: ActivityState, id: string, { first, rows, quarantine = [], checksum }: BackfillRows): Addition | undefined {
    const backfill = this.#requireOpen(state, id)
    if (first > backfill.rows) {
      const gap = `expected row ${backfill.rows}, found row ${first}`
      throw new RondoError('RONDO_IMPORT_CONFLICT', `The rows do not follow those that are in the log: ${gap}. Go on from there.`)
    }
    const known = rows.slice(0, backfill.rows - first)
    if (checksum !== undefined && known.length > 0) throw otherSender(backfill)
    const newRows = rows.slice(known.length)
    if (newRows.length === 0) return undefined
    const events = newRows.filter((row) => row !== null)
    if (backfill.rows === 0 && events[0] !== undefined) this.#checkAge(state, instantOf(events[0].time))
    const logTime = events.reduce((latest, event) => later(latest, instantOf(event.receivedAt)), state.logTime)
    return {
      lines: events.map((event) => JSON.stringify(event)),
      // Each refused row, which is null, has its record.
      quarantine: quarantine.slice(known.filter((row) => row === null).length),
      change: { logTime, backfill: { ...backfill, rows: backfill.rows + newRows.length, checksum } },
    }
  }

  async #end(id: string, complete: boolean): Promise<BackfillStatus> {
    let endedNow: OpenBackfill | undefined
    const { ended } = await this.#log.write((state) => {
      if (state.backfill?.id !== id && state.ended?.id === id) return undefined
      const backfill = this.#requireOpen(state, id)
      endedNow = backfill
      return { lines: [this.#record('backfill.end', id)], change: { backfill: null, ended: { ...backfill, complete } } }
    })
    clearTimeout(this.#idleTimer)
    if (endedNow !== undefined) this.#options.onEnded?.({ source: endedNow.source, rows: endedNow.rows, stalled: !complete })
    return { ...(ended as OpenBackfill), open: false }
  }

  #requireOpen({ backfill }: ActivityState, id: string): OpenBackfill {
    if (backfill?.id === id) return backfill
    throw new RondoError('RONDO_NOT_FOUND', `No import ${JSON.stringify(id)} is open: it was ended, or never begun. Begin it again.`)
  }

  #checkAge({ logTime }: ActivityState, firstTime: Instant): void {
    const graceMs = this.#graceMs
    if (logTime === null || logTime <= firstTime + graceMs) return
    throw new RondoError(
      'RONDO_IMPORT_TOO_OLD',
      `The log's time is ${formatInstant(logTime)}, more than the grace period of ${formatDuration(graceMs)} after the first row at ${formatInstant(firstTime)}: import history before going live. Import into a new data folder.`,
    )
  }

  #record(record: 'backfill.begin' | 'backfill.end', writer: string): string {
    return recordOf(record, writer, this.#options.clock.now())
  }

  #awaitRows(): void {
    clearTimeout(this.#idleTimer)
    const id = this.#log.state.backfill?.id
    if (id !== undefined) this.#endLater(id, this.#options.idleMsMax ?? IDLE_MS_MAX)
  }

  #endIdle(id: string): void {
    this.#end(id, false).catch((failure: RondoError) => {
      if (!failure.retriable) this.#options.onFailure?.(failure)
      // Rows that came meanwhile have set a later time.
      else if (this.#log.state.backfill?.id === id) this.#endLater(id, RETRY_MS)
    })
  }

  #endLater(id: string, ms: number): void {
    clearTimeout(this.#idleTimer)
    if (!this.#isClosed) this.#idleTimer = setTimeout(() => this.#endIdle(id), ms).unref()
  }
}

/** Whether live events that an earlier import has held still wait for their place in the log. */
function isWaitingForRelease({ held, backfill }: ActivityState): boolean {
  return held !== null && backfill === null
}

/**
 * The tick that the live events in the log still need: without it, rows would be folded as if these events had not arrived yet.
 * Events that are accepted but not written yet arrived later.
 */
function missingTick({ writer, arrival, tick }: ActivityState): Instant | null {
  return writer !== null && arrival !== null && arrival > (tick ?? Number.NEGATIVE_INFINITY) ? arrival : null
}

function recordOf(record: 'tick' | 'backfill.begin' | 'backfill.end', writer: string, time: Instant): string {
  return JSON.stringify({ record, writer, time: formatInstant(time) } satisfies ControlRecord)
}

function otherSender({ source, rows }: OpenBackfill): RondoError {
  return new RondoError(
    'RONDO_IMPORT_CONFLICT',
    `Another sender has put rows of ${JSON.stringify(source)} into the log at the same time; ${rows} are there. Send the whole again: it continues if these rows are its own.`,
  )
}

function importUnderWay({ source, rows }: OpenBackfill): RondoError {
  return new RondoError(
    'RONDO_BACKFILL_BUSY',
    `Another import (${source}, ${rows} rows so far) is under way, of another file or with other options. Finish it with its own command, or wait: a running server ends one that stands still for 15 minutes.`,
  )
}
