import { type ControlRecord, formatInstant, type Instant, type RondoError } from '#contracts'
import type { ActivityLog, ActivityState, Addition, FoldProgress } from '#event-log'
import { type Clock, monotonic, randomId } from '#runtime'
import { type Door, overloaded, type ReadRequest } from './door.ts'
import { type IntakeEntry, intakeEntry } from './intake-entry.ts'
import { TickPace } from './tick-pace.ts'

/** How much may wait, in bytes of JSON, before requests are turned away. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** How long an event waits for the end of an import before its sender is told to come again: most clients give up after 10 s. */
const HELD_MS_MAX = 8_000
const TICK_MS = 1_000
/** How long, at most, the first tick after an outage waits for what clients have buffered. */
const CATCH_UP_MS = 120_000

export interface IntakeOptions {
  readonly log: ActivityLog
  readonly clock: Clock
  readonly catchUpMs?: number
  readonly waitingBytesMax?: number
  readonly heldMsMax?: number
  /** How far the log has been folded, where that is known: then ticks come less often where nothing can be due. */
  readonly folded?: () => FoldProgress | undefined
  /** The log cannot be written any more. */
  readonly onFailure: (failure: RondoError) => void
}

/**
 * The door of live events: groups what arrives together into frames, and writes the ticks that make time pass (SEMANTICS rule 2).
 *
 * A tick's time is read when its frame is made, with everything accepted until then in front of it; what arrives later has a later
 * arrival, since arrivals and ticks come from one clock that never goes back, also over restarts. While an import is open, events
 * wait and there is no tick. Before anything is in the log there is none either: nothing can be due, and history may still be imported.
 */
export class Intake implements Door {
  readonly #log: ActivityLog
  readonly #clock: Clock
  readonly #options: IntakeOptions
  readonly #writer = randomId()
  #waiting: IntakeEntry[] = []
  #bytes = 0
  #isWriting = false
  readonly #pace = new TickPace()
  #hasNews = true
  #tickIsDue = false
  #ticksFrom: Instant = Number.POSITIVE_INFINITY
  #ticker: NodeJS.Timeout | undefined
  #stage: 'new' | 'open' | 'closing' = 'new'

  constructor(options: IntakeOptions) {
    const { log, clock } = options
    this.#log = log
    this.#options = options
    const floor = Math.max(log.state.tick ?? 0, log.state.arrival ?? 0)
    this.#clock = monotonic(() => Math.max(floor, clock.now()))
  }

  /** Opens this process's writer, closing the one that a crash left open, and lets time pass. */
  async start(): Promise<void> {
    const now = this.#clock.now()
    const { tick, arrival } = this.#log.state
    const last = Math.max(tick ?? Number.NEGATIVE_INFINITY, arrival ?? Number.NEGATIVE_INFINITY)
    const outageMs = Number.isFinite(last) ? now - last : 0
    this.#ticksFrom = now + Math.min(this.#options.catchUpMs ?? CATCH_UP_MS, outageMs)
    await this.#log.write(({ writer }) => {
      const left = writer === null ? [] : [this.#record('writer.close', now, writer)]
      return { lines: [this.#record('writer.open', now), ...left], change: { writer: this.#writer } }
    })
    this.#stage = 'open'
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
    this.#schedule()
  }

  async accept<Read extends ReadRequest>(read: (arrival: Instant) => Read): Promise<Read> {
    if (this.#stage === 'closing') throw overloaded('The server is shutting down')
    if (this.#bytes >= (this.#options.waitingBytesMax ?? WAITING_BYTES_MAX)) throw overloaded('More events wait to be written than may')
    const arrival = this.#clock.now()
    this.#hasNews = true
    const request = read(arrival)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const entry = intakeEntry(arrival, request.events, request.quarantine, { resolve, reject })
    this.#waiting.push(entry)
    this.#bytes += entry.bytes
    this.#schedule()
    await promise
    return request
  }

  /** Writes what waits, closes the writer. What waits for an import is turned away. */
  async close(): Promise<void> {
    clearInterval(this.#ticker)
    const wasOpen = this.#stage === 'open'
    this.#stage = 'closing'
    this.#tickIsDue = this.#clock.now() >= this.#ticksFrom
    if (wasOpen && !this.#isHeld) await this.#flush()
    this.#tickIsDue = false
    this.#turnAway(this.#waiting, 'The server is shutting down')
    if (wasOpen) await this.#log.write(() => ({ lines: [this.#record('writer.close', this.#clock.now())], change: { writer: null } }))
  }

  get #isHeld(): boolean {
    return this.#log.state.backfill !== null
  }

  #tick(): void {
    if (this.#isHeld) {
      const since = this.#clock.now() - (this.#options.heldMsMax ?? HELD_MS_MAX)
      this.#turnAway(
        this.#waiting.filter(({ arrival }) => arrival < since),
        'An import is under way',
      )
      return
    }
    const now = this.#clock.now()
    this.#tickIsDue = now >= this.#ticksFrom && this.#pace.isDue(now, this.#hasNews, this.#options.folded?.())
    // Also for what has waited for the end of an import.
    if (this.#tickIsDue || this.#waiting.length > 0) this.#schedule()
  }

  #schedule(): void {
    if (this.#isWriting || this.#stage !== 'open') return
    this.#isWriting = true
    // Requests that the event loop reads in the same round share a frame and a sync.
    setImmediate(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    let taken: readonly IntakeEntry[] = []
    try {
      await this.#log.write((state) => {
        if (state.backfill !== null) return undefined
        taken = this.#waiting
        this.#waiting = []
        return this.#addition(state, taken)
      })
      for (const { resolve } of taken) resolve()
    } catch (failure) {
      for (const { reject } of taken) reject(failure as RondoError)
      this.#options.onFailure(failure as RondoError)
    }
    for (const { bytes } of taken) this.#bytes -= bytes
    this.#isWriting = false
    if ((this.#waiting.length > 0 || this.#tickIsDue) && !this.#isHeld) this.#schedule()
  }

  #addition(state: ActivityState, taken: readonly IntakeEntry[]): Addition | undefined {
    const lines = taken.flatMap((entry) => entry.lines)
    const quarantine = taken.flatMap((entry) => entry.quarantine)
    const arrival = taken.findLast((entry) => entry.lines.length > 0)?.arrival ?? state.arrival
    const tick = this.#takeTick(arrival !== null || state.logTime !== null)
    if (tick === undefined) return taken.length === 0 ? undefined : { lines, quarantine, change: { arrival } }
    const logTime = Math.max(state.logTime ?? tick, tick)
    return { lines: [...lines, this.#record('tick', tick)], quarantine, change: { arrival, tick, logTime } }
  }

  #takeTick(isAnythingInLog: boolean): Instant | undefined {
    const isDue = this.#tickIsDue && isAnythingInLog
    this.#tickIsDue = false
    if (!isDue) return undefined
    this.#hasNews = false
    this.#pace.ticked(this.#clock.now())
    return this.#clock.now()
  }

  #turnAway(entries: readonly IntakeEntry[], reason: string): void {
    const away = new Set(entries)
    this.#waiting = this.#waiting.filter((entry) => !away.has(entry))
    for (const { bytes, reject } of away) {
      this.#bytes -= bytes
      reject(overloaded(reason))
    }
  }

  #record(record: 'tick' | 'writer.open' | 'writer.close', time: Instant, writer = this.#writer): string {
    const by = writer === this.#writer ? {} : { by: this.#writer }
    return JSON.stringify({ record, writer, time: formatInstant(time), ...by } satisfies ControlRecord)
  }
}
