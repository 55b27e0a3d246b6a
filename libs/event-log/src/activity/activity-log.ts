import type { AdminRecord, Instant, QuarantineRecord, RondoError } from '#contracts'
import { faultPoint } from '#runtime'
import type { AppendOptions, FolderLog } from '../folder-log.ts'
import { type ActivityState, type HeldEvents, later, readActivityState } from './activity-state.ts'
import { packFrames, type TracedLines, tracesOfFrames } from './frames.ts'

/** The content of one write. */
export interface Addition {
  /** Entries, one JSON text each. */
  readonly lines: readonly string[]
  /** Which of the lines are those of traced requests. */
  readonly traced?: readonly TracedLines[]
  readonly quarantine?: readonly QuarantineRecord[]
  /** Entries that are durable now and get their place in the log after the open import; `arrival` is that of the newest entry. */
  readonly held?: { readonly lines: readonly string[]; readonly arrival: Instant }
  /** Administrative acts that are durable together with the entries. */
  readonly acts?: readonly AdminRecord[]
  /** The changes of the state when they are durable. */
  readonly change: Partial<Omit<ActivityState, 'held'>>
}

/** The key under which the log keeps the {@link ActivityState}. */
const NOTE_KEY = 'activity'
/** How many bytes are moved into the log at once: other writes wait until they are moved. */
const RELEASED_BYTES = 4 * 1024 * 1024

/**
 * The writing end of the one partition of a data folder, shared by live ingest and by backfills. Writes happen one after another; each is
 * decided on the state after the one before. So the state in memory is always the durable one, also after a failed write.
 */
export class ActivityLog {
  readonly #writer: FolderLog
  #state: ActivityState
  #last: Promise<unknown> = Promise.resolve()
  #failure: RondoError | undefined

  constructor(writer: FolderLog) {
    this.#writer = writer
    this.#state = readActivityState(writer.note(NOTE_KEY))
  }

  /** The durable state. */
  get state(): ActivityState {
    return this.#state
  }

  /** Why the last write failed, such as on a full disk; undefined if it succeeded. */
  get failure(): RondoError | undefined {
    return this.#failure
  }

  /** Writes the present state again, which changes nothing: it shows whether the log can be written. @throws RondoError the errors of {@link FolderLog.append} */
  async probe(): Promise<void> {
    await this.write(() => ({ lines: [], change: {} }))
  }

  /**
   * Calls `decide` when it is the turn of this write, and appends its result.
   * @returns the state when that is durable; the present state if `decide` gives undefined
   * @throws RondoError the errors of `decide` and of {@link FolderLog.append}
   */
  write(decide: (state: ActivityState) => Addition | undefined): Promise<ActivityState> {
    return this.#inTurn(() => this.#append(decide(this.#state)))
  }

  /** As {@link write}, after `prepare`, which may read what earlier writes have made durable. */
  writeAfter(prepare: () => Promise<void>, decide: (state: ActivityState) => Addition | undefined): Promise<ActivityState> {
    return this.#inTurn(async () => {
      await prepare()
      return this.#append(decide(this.#state))
    })
  }

  /**
   * Moves the held events to the end of the log, in their order, part by part, so that other writes can happen between. Does nothing while an
   * import is open; an import that begins meanwhile stops it.
   * @throws RondoError the errors of {@link FolderLog.append}, RONDO_DATA_CORRUPT
   */
  async release(signal?: AbortSignal): Promise<void> {
    while (this.#state.held !== null && this.#state.backfill === null && signal?.aborted !== true) await this.#inTurn(() => this.#releasePart())
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #append(addition: Addition | undefined): Promise<ActivityState> {
    if (addition === undefined) return this.#state
    const { lines, traced = [], quarantine = [], acts = [], change, held } = addition
    const newlyHeld = held === undefined ? [] : packFrames(held.lines)
    const state = { ...this.#state, ...change, held: held === undefined ? this.#state.held : heldAfterAdding(this.#state.held, newlyHeld, held.arrival) }
    const heldFrames = newlyHeld.map((frame) => ({ frame, arrival: held?.arrival ?? 0 }))
    const frames = packFrames(lines)
    const traces = traced.length === 0 ? {} : { traces: tracesOfFrames(frames, traced) }
    return this.#commit(frames, state, { quarantine, acts, held: heldFrames, ...traces })
  }

  async #releasePart(): Promise<void> {
    const { held, backfill } = this.#state
    if (held === null || backfill !== null) return
    const { frames, lastNumber, isAll } = this.#writer.held(RELEASED_BYTES)
    const newest = frames.at(-1)?.arrival ?? held.since
    const rest = { bytes: held.bytes - bytesOf(frames.map(({ frame }) => frame)), since: newest, until: held.until }
    const state = { ...this.#state, arrival: later(this.#state.arrival, newest), held: isAll ? null : rest }
    // The lines of several held frames become one larger frame.
    faultPoint('release', 'enter')
    try {
      await this.#commit(packFrames(frames.map(({ frame }) => frame)), state, { released: lastNumber })
    } finally {
      faultPoint('release', 'leave')
    }
  }

  async #commit(frames: readonly string[], state: ActivityState, options: AppendOptions): Promise<ActivityState> {
    try {
      await this.#writer.append(0, frames, { ...options, note: { key: NOTE_KEY, value: JSON.stringify(state) } })
    } catch (failure) {
      this.#failure = failure as RondoError
      throw failure
    }
    this.#failure = undefined
    this.#state = state
    return state
  }
}

function heldAfterAdding(held: HeldEvents | null, frames: readonly string[], arrival: Instant): HeldEvents | null {
  if (frames.length === 0) return held
  return { bytes: (held?.bytes ?? 0) + bytesOf(frames), since: held?.since ?? arrival, until: arrival }
}

function bytesOf(frames: readonly string[]): number {
  return frames.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0)
}
