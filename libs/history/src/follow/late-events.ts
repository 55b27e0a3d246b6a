import { type ActivityEvent, type Instant, instantOf, type LateRecord } from '#contracts'
import type { PartitionSource } from './history-source.ts'

const PAGE = 500

/** A late event that only the processors can know: the bound of a journal had pushed out what it would have needed. */
interface BoundEvent {
  readonly cursor: number
  readonly logTime: Instant
  readonly event: LateRecord['event']
  readonly actorId: string
}

/**
 * The events that were late by the bound of a journal, in the order in which the fold met them, which is that of the log. Those beyond the grace period are not
 * looked up here: that rule needs only the log.
 */
export class LateEvents {
  readonly #read: PartitionSource['late']
  #after: number
  #readTo: number
  #events: BoundEvent[] = []
  #isAtEnd = false

  constructor(read: PartitionSource['late'], after: number) {
    this.#read = read
    this.#after = after
    this.#readTo = after
  }

  /** The cursor from which a reading would give the events that were not met yet. */
  get after(): number {
    return this.#events.length === 0 ? this.#readTo : this.#after
  }

  /** Reads on from where the end was: to be called when the processors have gone on. */
  async look(): Promise<void> {
    this.#isAtEnd = false
    await this.readOn()
  }

  /** Reads on, until there is an event or the end. */
  async readOn(): Promise<void> {
    while (this.#events.length === 0 && !this.#isAtEnd) {
      const page = await this.#read(this.#readTo, PAGE)
      this.#after = this.#readTo
      for (const { cursor, output } of page) {
        const { reason, logTime, event, addressed } = JSON.parse(output) as LateRecord
        const at = logTime === null ? Number.NEGATIVE_INFINITY : instantOf(logTime)
        if (reason === 'bound') this.#events.push({ cursor, logTime: at, event, actorId: addressed?.id ?? event.actor.id })
        this.#readTo = cursor
      }
      this.#isAtEnd = page.length < PAGE
    }
  }

  /** Whether the fold found this event late for an actor. Each is met once. @param logTime T before the event */
  take(event: ActivityEvent, actorId: string, logTime: Instant): boolean {
    // Those of records that were not followed here (before a trimmed log) are passed.
    while ((this.#events[0]?.logTime ?? Number.POSITIVE_INFINITY) < logTime) this.#drop()
    const [first] = this.#events
    if (first === undefined || first.actorId !== actorId || !isSame(first.event, event)) return false
    this.#drop()
    return true
  }

  /** Whether all that was read is taken. */
  get isEmpty(): boolean {
    return this.#events.length === 0
  }

  #drop(): void {
    const dropped = this.#events.shift()
    if (dropped !== undefined) this.#after = dropped.cursor
  }
}

const isSame = (late: LateRecord['event'], { id, actor, time, receivedAt }: ActivityEvent): boolean =>
  late.id === id && late.time === time && late.receivedAt === receivedAt && late.actor.id === actor.id && late.actor.type === actor.type
