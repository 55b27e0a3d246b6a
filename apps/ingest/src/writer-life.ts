import { type ControlRecord, formatInstant, type Instant, RondoError } from '#contracts'
import type { FoldProgress, StandingWriter, WriterRegistry } from '#event-log'
import { type Clock, randomId } from '#runtime'
import { overloaded } from './door.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { TickPace } from './tick-pace.ts'

/** The times of rule 2. */
const SILENT_MS_MAX = 15_000
const HOLDING_MS_MAX = 600_000
const CLOCK_OFF_MS_MAX = 30_000
const CATCH_UP_MS = 120_000
/** Who has been silent for so long is spoken of, and what has waited for so long is held. */
const NOTABLE_MS = 5_000
const HELD_MS = 2_000

export interface WriterLifeOptions {
  readonly queues: readonly PartitionQueue[]
  readonly registry: WriterRegistry
  readonly clock: Clock
  /** How people know this process. */
  readonly name: string
  readonly catchUpMs?: number
  /** How long a writer may be silent before others close it. */
  readonly silentMs?: number
  /** Ticks of the other writers of this process as they are by now, to go with its own. */
  readonly otherTicks?: (() => readonly string[]) | undefined
  /** How far each partition has been folded, where that is known: then ticks come less often where nothing can be due. */
  readonly folded?: (() => readonly (FoldProgress | undefined)[]) | undefined
  readonly onAlarm: (text: string) => void
}

/**
 * One ingest process as a writer of the log: opened in every partition, and its ticks, by which time passes (rule 2).
 *
 * Each beat first signs the register, and only a time that the log's own clock has thereby confirmed becomes a tick. So a process
 * whose clock is off, or that cannot reach the log, ticks no more. A writer that has not signed for its patience is closed by the others
 * and taken out of the register, in this order, so that one that was only asleep finds out and opens itself again.
 */
export class WriterLife {
  readonly #id = randomId()
  readonly #options: WriterLifeOptions
  readonly #paces: readonly TickPace[]
  readonly #spokenOf = new Set<string>()
  readonly #closing = new Set<string>()
  /** By the log's clock: the newest sign, and the first of those that followed each other without a gap. */
  #signedAt: Instant = Number.NEGATIVE_INFINITY
  #attentiveFrom: Instant = Number.NEGATIVE_INFINITY
  /** By our own clock. */
  #beatAt: Instant = Number.NEGATIVE_INFINITY
  #ticksFrom: Instant = Number.POSITIVE_INFINITY
  /** Others may have closed this writer. */
  #hasLapsed = false
  #stopped: RondoError | undefined

  constructor(options: WriterLifeOptions) {
    this.#options = options
    this.#paces = options.queues.map(() => new TickPace())
  }

  /**
   * Opens the writer in every partition.
   * @param before done when the clock is known to be right, and before this writer can let time pass
   * @throws RondoError RONDO_CLOCK_OFF, RONDO_LOG_UNAVAILABLE, and what `before` throws
   */
  async start(before: () => Promise<void> = async () => {}): Promise<void> {
    const { registry, clock } = this.#options
    const { newestAt } = await registry.read()
    await this.#sign(clock.now())
    this.check()
    await before()
    const outageMs = newestAt === undefined ? 0 : this.#signedAt - newestAt
    this.#catchUpAfter(outageMs < NOTABLE_MS ? 0 : outageMs)
    await this.#putEverywhere('writer.open')
  }

  /** @throws RondoError where nothing may be accepted: RONDO_CLOCK_OFF, or others may have closed this writer by now */
  check(): void {
    if (this.#stopped !== undefined) throw this.#stopped
    if (this.#options.clock.now() - this.#beatAt >= this.#silentMs) throw overloaded('The log has been out of reach for a while')
  }

  /** To be called each second; `isLast` ticks in every partition. @throws RondoError RONDO_LOG_UNAVAILABLE; the next beat makes up for it */
  async beat(isLast = false): Promise<void> {
    if (this.#stopped !== undefined) return
    const { clock, registry } = this.#options
    const time = clock.now()
    const signedBefore = this.#signedAt
    await this.#sign(time)
    if (this.#stopped !== undefined) return
    if (this.#signedAt - signedBefore >= this.#silentMs) this.#lapse(this.#signedAt - signedBefore)
    const { standing, withdrawn } = await registry.read()
    // After the look at the register: who closes a writer withdraws it afterwards, so this opening stands behind that end.
    if (this.#hasLapsed || withdrawn.has(this.#id)) this.#reopen()
    for (const writer of standing) if (writer.writer !== this.#id) this.#watch(writer)
    if (time >= this.#ticksFrom) this.#tick(time, isLast)
  }

  /** The last tick, behind all that was accepted, and the end. */
  async close(): Promise<void> {
    if (this.#stopped !== undefined) return
    // Where the log does not answer by now, the last tick is missing: time goes on without it as soon as the writer is closed.
    await this.beat(true).catch(() => {})
    await this.#putEverywhere('writer.close')
    await this.#options.registry.withdraw(this.#id)
  }

  /** What the other writers say was true before now, so it may stand behind all that waits. */
  #tick(time: Instant, isLast: boolean): void {
    const { queues, otherTicks = () => [], folded = () => [] } = this.#options
    const progress = folded()
    const lines = [this.#record('tick', time), ...otherTicks()]
    for (const [partition, queue] of queues.entries()) {
      const pace = this.#paces[partition] as TickPace
      if (!(isLast || pace.isDue(time, queue.hasNews, progress[partition]))) continue
      queue.tick(lines)
      pace.ticked(time)
    }
  }

  get #silentMs(): number {
    return this.#options.silentMs ?? SILENT_MS_MAX
  }

  async #sign(time: Instant): Promise<void> {
    const { registry, clock, name, queues } = this.#options
    const holds = queues.some(({ oldest }) => oldest !== undefined && time - oldest > HELD_MS)
    const at = await registry.sign({ writer: this.#id, name, time, patienceMs: holds ? HOLDING_MS_MAX : this.#silentMs })
    const now = clock.now()
    // It was written some time between the two.
    const aheadMs = at < time ? time - at : Math.min(0, now - at)
    if (Math.abs(aheadMs) > CLOCK_OFF_MS_MAX) return this.#stop(aheadMs)
    if (at - this.#signedAt > NOTABLE_MS) this.#attentiveFrom = at
    this.#signedAt = at
    this.#beatAt = now
  }

  #stop(aheadMs: number): void {
    const seconds = Math.round(Math.abs(aheadMs) / 1000)
    const message = `The clock of this process is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of the log. It accepts and writes nothing more: set the clock right and start it again.`
    this.#stopped = new RondoError('RONDO_CLOCK_OFF', message)
    for (const queue of this.#options.queues) queue.stop(this.#stopped)
    this.#options.onAlarm(message)
  }

  /** Clients that found the door shut have buffered events, which are still to come. */
  #catchUpAfter(outageMs: number): void {
    const { clock, catchUpMs = CATCH_UP_MS } = this.#options
    this.#ticksFrom = clock.now() + Math.min(catchUpMs, outageMs)
  }

  #lapse(silentMs: number): void {
    this.#hasLapsed = true
    this.#catchUpAfter(silentMs)
  }

  #reopen(): void {
    this.#hasLapsed = false
    this.#options.onAlarm('This process was silent for so long that others may have closed it as a writer; it opens itself again.')
    void this.#putEverywhere('writer.open').catch(() => {})
  }

  /** Silence counts only while we listened: after an outage of the log all have been silent. */
  #watch(other: StandingWriter): void {
    const silentMs = this.#signedAt - Math.max(other.seenAt, this.#attentiveFrom)
    if (silentMs < NOTABLE_MS) this.#spokenOf.delete(other.writer)
    else if (!this.#spokenOf.has(other.writer)) {
      this.#spokenOf.add(other.writer)
      const seconds = Math.round(other.patienceMs / 1000)
      this.#options.onAlarm(`Time is held by ${other.name}, which has fallen silent; it is closed after ${seconds} s of silence.`)
    }
    if (silentMs >= other.patienceMs && !this.#closing.has(other.writer)) void this.#closeOther(other)
  }

  async #closeOther({ writer, name }: StandingWriter): Promise<void> {
    this.#closing.add(writer)
    try {
      await this.#putEverywhere('writer.close', writer)
      await this.#options.registry.withdraw(writer)
      this.#options.onAlarm(`The silent writer ${name} has been closed: time goes on without it.`)
    } catch {
      // The next beat finds it standing, and tries again.
    }
    this.#closing.delete(writer)
  }

  async #putEverywhere(record: 'writer.open' | 'writer.close', writer = this.#id): Promise<void> {
    const now = this.#options.clock.now()
    await Promise.all(this.#options.queues.map((queue) => queue.put([this.#record(record, now, writer)], now)))
  }

  #record(record: 'tick' | 'writer.open' | 'writer.close', time: Instant, writer = this.#id): string {
    const by = writer === this.#id ? {} : { by: this.#id }
    return JSON.stringify({ record, writer, time: formatInstant(time), ...by } satisfies ControlRecord)
  }
}
