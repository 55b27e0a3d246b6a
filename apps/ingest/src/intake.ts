import { type ControlRecord, formatInstant, type Instant, type QuarantineRecord, type RondoError } from '#contracts'
import type { ActivityLog, ActivityState, Addition, FoldProgress } from '#event-log'
import { type Clock, monotonic, randomId } from '#runtime'
import { type Door, overloaded, type ReadRequest } from './door.ts'
import { type IntakeEntry, intakeEntry } from './intake-entry.ts'
import { TickPace } from './tick-pace.ts'

/** How much may wait, in bytes of JSON, before requests are turned away. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** How much may be held on disk behind an import, in bytes of JSON, before requests are turned away. */
export const HELD_BYTES_MAX = 1024 * 1024 * 1024
const TICK_MS = 1_000
/** How long, at most, the first tick after an outage waits for what clients have buffered. */
const CATCH_UP_MS = 120_000

export interface IntakeOptions {
  readonly log: ActivityLog
  readonly clock: Clock
  readonly catchUpMs?: number
  readonly waitingBytesMax?: number
  /** How far the log has been folded, where that is known: then ticks come less often where nothing can be due. */
  readonly folded?: () => FoldProgress | undefined
  readonly heldBytesMax?: number
  readonly onAlarm?: (text: string) => void
  /** The log cannot be written any more. */
  readonly onFailure: (failure: RondoError) => void
}

/**
 * The door of live events: groups what arrives together into frames, and writes the ticks that make time pass (rule 2).
 *
 * A tick's time is read when its frame is made, with everything accepted until then in front of it; what arrives later has a later
 * arrival, since arrivals and ticks come from one clock that never goes back, also over restarts. While an import is open, events
 * are held beside the log, as durable as in it, and there is no tick; behind its end they move into the log in the order of their
 * arrival, and what comes until the last of them has moved is held behind them. Before anything is in the log there is no tick
 * either: nothing can be due, and history may still be imported.
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
  /** Since when requests have been turned away because too much was held. */
  #fullSince: Instant | undefined
  readonly #ending = new AbortController()
  #releasing: Promise<void> | undefined
  #ticker: NodeJS.Timeout | undefined
  #stage: 'new' | 'open' | 'closing' = 'new'

  constructor(options: IntakeOptions) {
    const { log, clock } = options
    this.#log = log
    this.#options = options
    const floor = Math.max(0, newestArrival(log.state), log.state.tick ?? 0)
    this.#clock = monotonic(() => Math.max(floor, clock.now()))
  }

  /** Opens this process's writer, closing the one that a crash left open, and lets time pass. */
  async start(): Promise<void> {
    const now = this.#clock.now()
    const last = Math.max(newestArrival(this.#log.state), this.#log.state.tick ?? Number.NEGATIVE_INFINITY)
    this.#catchUpAfter(Number.isFinite(last) ? now - last : 0)
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

  /** Writes what waits, closes the writer. What is held behind an import stays so, for the process that comes next. */
  async close(): Promise<void> {
    clearInterval(this.#ticker)
    const wasOpen = this.#stage === 'open'
    this.#stage = 'closing'
    this.#ending.abort()
    await this.#releasing
    this.#tickIsDue = this.#clock.now() >= this.#ticksFrom
    if (wasOpen) await this.#flush()
    this.#tickIsDue = false
    if (wasOpen) await this.#log.write(() => ({ lines: [this.#record('writer.close', this.#clock.now())], change: { writer: null } }))
  }

  #catchUpAfter(outageMs: number): void {
    this.#ticksFrom = this.#clock.now() + Math.min(this.#options.catchUpMs ?? CATCH_UP_MS, outageMs)
  }

  #tick(): void {
    const now = this.#clock.now()
    if (!holds(this.#log.state)) this.#tickIsDue = now >= this.#ticksFrom && this.#pace.isDue(now, this.#hasNews, this.#options.folded?.())
    else if (this.#log.state.backfill === null) this.#releasing ??= this.#release()
    if (this.#tickIsDue) this.#schedule()
  }

  /** Behind the end of an import. Who was turned away meanwhile has buffered events, for which time waits. */
  async #release(): Promise<void> {
    try {
      await this.#log.release(this.#ending.signal)
      if (this.#fullSince !== undefined && !holds(this.#log.state)) {
        this.#catchUpAfter(this.#clock.now() - this.#fullSince)
        this.#fullSince = undefined
      }
    } catch (failure) {
      this.#options.onFailure(failure as RondoError)
    }
    this.#releasing = undefined
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
        taken = holds(state) ? this.#takeFitting(state) : this.#waiting
        this.#waiting = []
        return holds(state) ? holding(taken) : this.#addition(state, taken)
      })
      for (const { resolve } of taken) resolve()
    } catch (failure) {
      for (const { reject } of taken) reject(failure as RondoError)
      this.#options.onFailure(failure as RondoError)
    }
    for (const { bytes } of taken) this.#bytes -= bytes
    this.#isWriting = false
    if (this.#waiting.length > 0 || this.#tickIsDue) this.#schedule()
  }

  #addition(state: ActivityState, taken: readonly IntakeEntry[]): Addition | undefined {
    const { lines, quarantine, arrival = state.arrival } = contentsOf(taken)
    const tick = this.#takeTick(arrival !== null || state.logTime !== null)
    if (tick === undefined) return taken.length === 0 ? undefined : { lines, quarantine, change: { arrival } }
    const logTime = Math.max(state.logTime ?? tick, tick)
    return { lines: [...lines, this.#record('tick', tick)], quarantine, change: { arrival, tick, logTime } }
  }

  /** What waits and may be held. The rest is turned away. */
  #takeFitting({ held }: ActivityState): readonly IntakeEntry[] {
    this.#tickIsDue = false
    const bytesMax = this.#options.heldBytesMax ?? HELD_BYTES_MAX
    let bytes = held?.bytes ?? 0
    return this.#waiting.filter((entry) => {
      const more = entry.lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
      const fits = more === 0 || bytes + more <= bytesMax
      if (fits) bytes += more
      else this.#turnAway(entry, bytesMax)
      return fits
    })
  }

  #takeTick(isAnythingInLog: boolean): Instant | undefined {
    const isDue = this.#tickIsDue && isAnythingInLog
    this.#tickIsDue = false
    if (!isDue) return undefined
    this.#hasNews = false
    this.#pace.ticked(this.#clock.now())
    return this.#clock.now()
  }

  #turnAway({ bytes, reject }: IntakeEntry, bytesMax: number): void {
    this.#fullSince ??= this.#clock.now()
    this.#bytes -= bytes
    const reason = `The events that wait for the end of an import fill the ${bytesMax} bytes that are kept for them`
    this.#options.onAlarm?.(`${reason}: clients are told to come again.`)
    reject(overloaded(reason))
  }

  #record(record: 'tick' | 'writer.open' | 'writer.close', time: Instant, writer = this.#writer): string {
    const by = writer === this.#writer ? {} : { by: this.#writer }
    return JSON.stringify({ record, writer, time: formatInstant(time), ...by } satisfies ControlRecord)
  }
}

/** Whether live events are to be held: behind an import, and behind those that one has held up. */
function holds({ backfill, held }: ActivityState): boolean {
  return backfill !== null || held !== null
}

function holding(taken: readonly IntakeEntry[]): Addition | undefined {
  const { lines, quarantine, arrival } = contentsOf(taken)
  if (taken.length === 0) return undefined
  return { lines: [], quarantine, change: {}, ...(arrival === undefined ? {} : { held: { lines, arrival } }) }
}

/** What entries bring, and when the newest of their events arrived; undefined where there is no event. */
function contentsOf(taken: readonly IntakeEntry[]): { lines: string[]; quarantine: QuarantineRecord[]; arrival?: Instant } {
  const arrival = taken.findLast((entry) => entry.lines.length > 0)?.arrival
  const contents = { lines: taken.flatMap((entry) => entry.lines), quarantine: taken.flatMap((entry) => entry.quarantine) }
  return arrival === undefined ? contents : { ...contents, arrival }
}

/** Of all that was accepted, in the log or held. */
function newestArrival({ arrival, held }: ActivityState): Instant {
  return Math.max(arrival ?? Number.NEGATIVE_INFINITY, held?.until ?? Number.NEGATIVE_INFINITY)
}
