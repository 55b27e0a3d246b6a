import { type ControlRecord, formatInstant, type Instant, RondoError } from '#contracts'
import type { FoldTimes, LiveWriter, WriterRegistry } from '#event-log'
import { randomId } from '#runtime'
import type { IngestLog } from '../admission/ingest-log.ts'
import { overloaded } from '../admission/overloaded.ts'
import { TickPace } from './tick-pace.ts'

const BEAT_MS = 1_000
/** The times of rule 2. */
const TIMEOUT_MS = 15_000
const HELD_UP_TIMEOUT_MS = 600_000
const CLOCK_OFF_MS_MAX = 30_000
const CATCH_UP_MS = 120_000
/** A writer that has been silent for so long is reported. If an append has waited for so long, the timeout of the process's own writer is longer. */
const NOTABLE_MS = 5_000
const HELD_UP_MS = 2_000

export interface WriterLifeOptions {
  readonly log: IngestLog
  readonly registry: WriterRegistry
  /** The name of this process in messages. */
  readonly name: string
  /** How long, at most, the first tick after an outage waits for events that clients have buffered. */
  readonly catchUpMs?: number
  /** How long a writer may be silent before others close it; infinite if there are no others. */
  readonly timeoutMs?: number
  /** The present ticks of the other writers of this process, to be written with its own. */
  readonly otherTicks?: (() => readonly string[]) | undefined
  /** How far each partition has been folded, if it is known: then ticks come less often while nothing can be due. */
  readonly folded?: (() => readonly (FoldTimes | undefined)[]) | undefined
  readonly beatMs?: number
  readonly onAlarm: (text: string) => void
}

/**
 * One ingest process as a writer of the log: it is open in every partition, and its ticks move log time (rule 2).
 *
 * Each beat first sends a heartbeat to the registry, and only a time that the answer confirms becomes a tick. So a
 * process whose clock is wrong, or that cannot reach the log, stops to tick. A writer without a heartbeat for its timeout is closed by the
 * others and then withdrawn from the registry, so that a process that was only paused notices it and opens its writer again.
 */
export class WriterLife {
  readonly #id = randomId()
  readonly #options: WriterLifeOptions
  readonly #paces: readonly TickPace[]
  readonly #reported = new Set<string>()
  readonly #closing = new Set<string>()
  readonly #timeoutMs: number
  #catchUpMs: number
  #stage: 'new' | 'open' | 'closing' = 'new'
  #timer: NodeJS.Timeout | undefined
  #beating: Promise<void> = Promise.resolve()
  /** The newest heartbeat, and the first heartbeat of the series without a gap to it, both by the clock of the log. */
  #heartbeatAt: Instant = Number.NEGATIVE_INFINITY
  #attentiveFrom: Instant = Number.NEGATIVE_INFINITY
  /** A time by the clock of this process. */
  #confirmedAt: Instant = Number.NEGATIVE_INFINITY
  #ticksFrom: Instant = Number.POSITIVE_INFINITY
  /** Others may have closed this writer. */
  #hasLapsed = false
  #stopped: RondoError | undefined

  constructor(options: WriterLifeOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS
    this.#catchUpMs = options.catchUpMs ?? CATCH_UP_MS
    this.#paces = Array.from({ length: options.log.partitions }, () => new TickPace())
  }

  /**
   * Opens the writer in every partition, and begins to beat.
   * @param before called when the clock is known to be right, and before this writer can move time
   * @throws RondoError RONDO_CLOCK_OFF, RONDO_LOG_UNAVAILABLE, and what `before` throws
   */
  async start(before: () => Promise<void> = async () => {}): Promise<void> {
    const { registry, log } = this.#options
    const { newestAt } = await registry.read()
    log.noteWriter(this.#id)
    await this.#heartbeat(this.#now)
    if (this.#stopped !== undefined) throw this.#stopped
    await before()
    this.#catchUp(newestAt === undefined ? 0 : this.#heartbeatAt - newestAt)
    // Where a partition does not answer, the record still comes before everything else of this writer.
    await Promise.race([this.#announce('writer.open'), log.slow()])
    this.#stage = 'open'
    this.#scheduleBeat()
    for (const writer of log.predecessors) void this.#closePredecessor(writer)
  }

  /** Changes how long time waits after the next outage, at most. */
  limitCatchUp(ms: number): void {
    this.#catchUpMs = ms
  }

  /** Whether time waits for the events that clients have buffered during an outage. */
  get isCatchingUp(): boolean {
    return this.#stage === 'open' && this.#now < this.#ticksFrom
  }

  /** @throws RondoError if nothing may be accepted: the writer is not open, its clock is wrong, or others may have closed it */
  check(): void {
    if (this.#stage === 'new') throw overloaded('The server is starting')
    if (this.#stage === 'closing') throw overloaded('The server is shutting down')
    if (this.#stopped !== undefined) throw this.#stopped
    if (!this.#options.log.isBuffered && this.#now - this.#confirmedAt >= this.#timeoutMs) throw overloaded('The log has been out of reach for a while')
  }

  /** Called by the timer each second. After a failure the next beat does the work. */
  async beat(): Promise<void> {
    await this.#beat(false).catch(({ message }: RondoError) => this.#options.onAlarm(message))
  }

  /**
   * Writes the last tick, after all that was accepted, and closes the writer. Where a partition does not answer and there is a buffer, the writer
   * stays open, so that time waits for what is in the buffer: the next process with this buffer closes it.
   */
  async close(): Promise<void> {
    const { log } = this.#options
    const wasOpen = this.#stage === 'open'
    this.#stage = 'closing'
    clearTimeout(this.#timer)
    await log.drain()
    const closing = this.#beating.then(() => (wasOpen && this.#stopped === undefined ? this.#closeInOrder() : undefined))
    if (log.isBuffered) await Promise.race([closing, log.slow()])
    else await closing
  }

  async #closeInOrder(): Promise<void> {
    const { log, registry } = this.#options
    // If the log does not answer, the last tick is missing: time moves again when others have closed the writer.
    await this.#beat(true).catch(() => {})
    await this.#announce('writer.close')
    await registry.withdraw(this.#id)
    log.forgetWriter(this.#id)
  }

  /** Behind the events that it has left in the buffer: until then time waits for them. */
  async #closePredecessor(writer: string): Promise<void> {
    try {
      await this.#announce('writer.close', writer)
      await this.#options.registry.withdraw(writer)
      this.#options.log.forgetWriter(writer)
    } catch (failure) {
      this.#options.onAlarm((failure as Error).message)
    }
  }

  get #now(): Instant {
    return this.#options.log.clock.now()
  }

  #scheduleBeat(): void {
    const timer = setTimeout(() => {
      this.#beating = this.beat().then(() => {
        if (this.#stage === 'open') this.#scheduleBeat()
      })
    }, this.#options.beatMs ?? BEAT_MS)
    this.#timer = timer.unref()
  }

  /** With `isLast` there is a tick in every partition. */
  async #beat(isLast: boolean): Promise<void> {
    if (this.#stopped !== undefined) return
    const { registry } = this.#options
    const time = this.#now
    const before = this.#heartbeatAt
    await this.#heartbeat(time)
    if (this.#stopped !== undefined) return
    if (this.#heartbeatAt - before >= this.#timeoutMs) this.#lapse(this.#heartbeatAt - before)
    const { live, withdrawn } = await registry.read()
    // After the registry was read: a process that closes a writer withdraws it afterwards, so this opening comes after that close.
    if (this.#hasLapsed || withdrawn.has(this.#id)) this.#reopen()
    for (const writer of live) if (writer.writer !== this.#id) this.#watch(writer)
    this.#letTimePass(time, isLast)
  }

  #letTimePass(time: Instant, isLast: boolean): void {
    const { isHolding, refused } = this.#options.log.release()
    if (refused !== undefined) this.#catchUp(refused.until - refused.from, refused.until)
    if (!isHolding && time >= this.#ticksFrom) this.#tick(time, isLast)
  }

  /** The ticks of the other writers are written after all waiting items: a tick that is true now stays true later. */
  #tick(time: Instant, isLast: boolean): void {
    const { log, otherTicks = () => [], folded = () => [] } = this.#options
    const foldTimes = folded()
    const lines = [JSON.stringify(this.#record('tick', time)), ...otherTicks()]
    for (const [partition, pace] of this.#paces.entries()) {
      if (!(isLast || pace.isDue(time, log.hasNews(partition), foldTimes[partition]))) continue
      log.tick(partition, time, lines)
      pace.ticked(time)
    }
  }

  async #heartbeat(time: Instant): Promise<void> {
    const { registry, log, name } = this.#options
    const { oldestWaiting } = log
    const isHeldUp = oldestWaiting !== undefined && time - oldestWaiting > HELD_UP_MS
    const at = await registry.heartbeat({ writer: this.#id, name, time, timeoutMs: isHeldUp ? HELD_UP_TIMEOUT_MS : this.#timeoutMs })
    const now = this.#now
    // It was written at some time between the two.
    const aheadMs = at < time ? time - at : Math.min(0, now - at)
    if (Math.abs(aheadMs) > CLOCK_OFF_MS_MAX) return this.#stop(aheadMs)
    if (at - this.#heartbeatAt > NOTABLE_MS) this.#attentiveFrom = at
    this.#heartbeatAt = at
    this.#confirmedAt = now
  }

  #stop(aheadMs: number): void {
    const seconds = Math.round(Math.abs(aheadMs) / 1000)
    const message = `The clock of this process is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of the log. It accepts and writes nothing more: set the clock right and start it again.`
    this.#stopped = new RondoError('RONDO_CLOCK_OFF', message)
    this.#options.log.stop(this.#stopped)
    this.#options.onAlarm(message)
  }

  /** Clients that were refused, or found no process, have buffered events: time waits for these as long as the outage was. */
  #catchUp(outageMs: number, from = this.#now): void {
    this.#ticksFrom = from + Math.min(this.#catchUpMs, outageMs)
  }

  #lapse(silentMs: number): void {
    this.#hasLapsed = true
    // With a buffer no request was refused, so clients have buffered nothing.
    if (!this.#options.log.isBuffered) this.#catchUp(silentMs)
  }

  #reopen(): void {
    this.#hasLapsed = false
    this.#options.onAlarm('This process was silent for so long that others may have closed it as a writer; it opens its writer again.')
    void this.#announce('writer.open').catch(() => {})
  }

  /** Silence counts only while this process could listen: after an outage of the log all writers have been silent. */
  #watch(other: LiveWriter): void {
    const silentMs = this.#heartbeatAt - Math.max(other.seenAt, this.#attentiveFrom)
    if (silentMs < NOTABLE_MS) this.#reported.delete(other.writer)
    else if (!this.#reported.has(other.writer)) {
      this.#reported.add(other.writer)
      const seconds = Math.round(other.timeoutMs / 1000)
      this.#options.onAlarm(`Time is held by ${other.name}, which has fallen silent; it is closed after ${seconds} s of silence.`)
    }
    if (silentMs >= other.timeoutMs && !this.#closing.has(other.writer)) void this.#closeOther(other)
  }

  async #closeOther({ writer, name }: LiveWriter): Promise<void> {
    this.#closing.add(writer)
    try {
      await this.#announce('writer.close', writer)
      await this.#options.registry.withdraw(writer)
      this.#options.onAlarm(`The silent writer ${name} has been closed: log time moves again without it.`)
    } catch {
      // The next beat finds it live, and tries again.
    }
    this.#closing.delete(writer)
  }

  #announce(record: 'writer.open' | 'writer.close', writer = this.#id): Promise<void> {
    const now = this.#now
    return this.#options.log.announce([this.#record(record, now, writer)], now)
  }

  #record(record: 'tick' | 'writer.open' | 'writer.close', time: Instant, writer = this.#id): ControlRecord {
    const by = writer === this.#id ? {} : { by: this.#id }
    return { record, writer, time: formatInstant(time), ...by }
  }
}
