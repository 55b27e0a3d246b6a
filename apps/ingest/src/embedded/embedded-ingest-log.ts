import type { ControlRecord, Instant, RondoError } from '#contracts'
import type { ActivityLog, ActivityState, Addition, Settler, Settling, WriterRegistry } from '#event-log'
import { type Clock, faultPoint, monotonic } from '#runtime'
import { type Admitted, admitted, type Holding, type IngestLog } from '../admission/ingest-log.ts'
import { overloaded } from '../admission/overloaded.ts'
import { type Waiting, WriteQueue, type WriteTaken } from '../admission/write-queue.ts'
import { EmbeddedAddition, type EmbeddedItem } from './embedded-addition.ts'

/** The limit of JSON in bytes that is held on disk during an import; above it requests are refused. */
export const HELD_BYTES_MAX = 1024 * 1024 * 1024

/** The data folder, and how its failures are reported. */
export interface EmbeddedIngestLogOptions {
  readonly log: ActivityLog
  readonly clock: Clock
  readonly heldBytesMax?: number
  readonly onAlarm: (text: string) => void
  /** Called when the log cannot be written any more. After a retriable failure, such as a full disk, it may be. */
  readonly onFailure: (error: RondoError) => void
}

/**
 * The one partition of a data folder. While an import is open, events are held beside the log, where they are durable too, and there is no tick.
 * When it ends, they move into the log in the order of their arrival; until the last of them has moved, new events are held after them.
 * There is also no tick before the log has its first entry: nothing can be due, and history may still be imported.
 */
export class EmbeddedIngestLog implements IngestLog, Settler {
  readonly partitions = 1
  readonly isBuffered = false
  /** A writer that a crash has left open is closed when the log is opened. */
  readonly predecessors = []
  readonly clock: Clock
  readonly #options: EmbeddedIngestLogOptions
  readonly #log: ActivityLog
  /** The newest time that earlier processes have written. */
  readonly #newestAt: Instant | undefined
  readonly #queue = new WriteQueue<EmbeddedItem>((take) => this.#write(take))
  readonly #draining = new AbortController()
  #releasing: Promise<void> | undefined
  #isTickOwed = false
  #heldBytesMax: number
  #refusedFrom: Instant | undefined
  #refused: Holding['refused']

  constructor(options: EmbeddedIngestLogOptions) {
    this.#options = options
    this.#log = options.log
    this.#heldBytesMax = options.heldBytesMax ?? HELD_BYTES_MAX
    this.#newestAt = newestAt(options.log.state)
    const floor = Math.max(0, this.#newestAt ?? 0)
    this.clock = monotonic(() => Math.max(floor, options.clock.now()))
  }

  /** The lock of the folder allows one process at a time: there are no other writers, and the clock of the log is that of this process. */
  registry(): WriterRegistry {
    return {
      heartbeat: async ({ time }) => time,
      withdraw: async () => {},
      read: async () => ({ live: [], withdrawn: new Set(), newestAt: this.#newestAt }),
      close: async () => {},
    }
  }

  get oldestWaiting(): Instant | undefined {
    return this.#queue.oldest
  }

  /** Changes how many bytes are held during an import, at most. */
  limitHeld(bytesMax: number): void {
    this.#heldBytesMax = bytesMax
  }

  append(admitted: Admitted): Promise<void> {
    return this.#queue.put({ kind: 'events', admitted }, admitted.arrival)
  }

  /** An import may be open: then the events are held, and the acts are written at once. */
  async settle({ refresh, decide }: Settling): Promise<void> {
    if (this.#queue.stopped !== undefined) throw this.#queue.stopped
    let refusal: RondoError | undefined
    const write = this.#log.writeAfter(refresh, (state) => {
      const arrival = this.clock.now()
      const settlement = decide(arrival)
      if (settlement === undefined) return undefined
      faultPoint('settlement', 'enter')
      const addition = new EmbeddedAddition(state, holds(state) ? this.#heldBytesMax : undefined)
      if (!addition.add({ kind: 'events', admitted: admitted(settlement.events, [], arrival) })) {
        refusal = this.#full()
        return undefined
      }
      return { lines: [], change: {}, ...addition.result, acts: settlement.acts }
    })
    await this.#orFail(write)
    faultPoint('settlement', 'leave')
    if (refusal !== undefined) throw refusal
    this.#isTickOwed = true
  }

  /** A process that ends on a full disk leaves its writer open, as a crash does. */
  async announce(records: readonly ControlRecord[], time: Instant): Promise<void> {
    try {
      await this.#queue.put({ kind: 'writers', records }, time)
    } catch (error) {
      const { retriable, message, code } = error as RondoError
      if (!retriable || !this.#draining.signal.aborted) throw error
      this.#options.onAlarm(
        `The end of this process is not in the log: the next process on this folder adds it. What was answered is safe. ${message} (${code})`,
      )
    }
  }

  tick(_partition: number, time: Instant, lines: readonly string[]): void {
    this.#queue.tick({ kind: 'tick', time, lines })
  }

  hasNews(): boolean {
    return this.#isTickOwed || this.#queue.hasNews
  }

  release(): Holding {
    const { state } = this.#log
    const isHolding = holds(state)
    // Perhaps nobody sends anything while the process is not ready.
    if (this.#log.failure?.retriable === true) void this.#orFail(this.#log.probe()).catch(() => {})
    if (isHolding && state.backfill === null && !this.#draining.signal.aborted) this.#releasing ??= this.#release()
    const refused = isHolding ? undefined : this.#refused
    if (refused !== undefined) this.#refused = undefined
    return { isHolding, refused }
  }

  /** Events that are held during an import stay held, for the next process. */
  async drain(): Promise<void> {
    this.#draining.abort()
    await this.#releasing
  }

  slow(): Promise<void> {
    return new Promise(() => {})
  }

  noteWriter(): void {}

  forgetWriter(): void {}

  stop(reason: Error): void {
    this.#queue.stop(reason)
  }

  /** Decides at the time of the write whether an item is held: an import may have begun or ended since the item came. */
  async #write(take: Parameters<WriteTaken<EmbeddedItem>>[0]): Promise<void> {
    await this.#orFail(this.#log.write((state) => (holds(state) ? this.#held(state, take()) : this.#added(state, take()))))
  }

  async #orFail(write: Promise<unknown>): Promise<void> {
    try {
      await write
    } catch (error) {
      this.#note(error as RondoError)
      throw error
    }
  }

  #added(state: ActivityState, taken: readonly Waiting<EmbeddedItem>[]): Addition | undefined {
    const addition = new EmbeddedAddition(state)
    for (const { item } of taken) {
      if (item.kind === 'tick') this.#isTickOwed = !addition.tick(item)
      else addition.add(item)
    }
    return addition.result
  }

  /** Refuses items for which there is no room to hold them. */
  #held(state: ActivityState, taken: readonly Waiting<EmbeddedItem>[]): Addition | undefined {
    const addition = new EmbeddedAddition(state, this.#heldBytesMax)
    for (const { item, reject } of taken) {
      if (item.kind === 'tick') this.#isTickOwed = true
      else if (!addition.add(item)) reject(this.#full())
    }
    return addition.result
  }

  #full(): RondoError {
    this.#refusedFrom ??= this.clock.now()
    const reason = `The events that wait for the end of an import fill the ${this.#heldBytesMax} bytes that are kept for them`
    this.#options.onAlarm(`${reason}: clients get 503 and send again.`)
    return overloaded(reason)
  }

  async #release(): Promise<void> {
    try {
      await this.#log.release(this.#draining.signal)
      if (this.#refusedFrom !== undefined && !holds(this.#log.state)) {
        this.#refused = { from: this.#refusedFrom, until: this.clock.now() }
        this.#refusedFrom = undefined
      }
    } catch (error) {
      this.#note(error as RondoError)
    }
    this.#releasing = undefined
  }

  /** After a retriable failure the beats go on: they try to write, to release what is held, and to tick in the place of a tick that was not written. */
  #note(failure: RondoError): void {
    if (failure.retriable) {
      this.#isTickOwed = true
      this.#options.onAlarm(`The log cannot be written, and clients get 503; it is tried again each second. ${failure.message} (${failure.code})`)
    } else this.#options.onFailure(failure)
  }
}

/** Whether live events are held: during an import, and after it until all held events have moved into the log. */
function holds({ backfill, held }: ActivityState): boolean {
  return backfill !== null || held !== null
}

/** The newest time in the log; undefined if it is empty. */
function newestAt({ arrival, held, tick }: ActivityState): Instant | undefined {
  const times = [arrival, held?.until, tick].filter((time) => typeof time === 'number')
  return times.length === 0 ? undefined : Math.max(...times)
}
