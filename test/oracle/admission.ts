import { type CycleDefinition, definitionDefaults, durationMs, type LateReason } from '#contracts'
import { compareKeys, type Key } from './event-key.ts'
import type { Applied } from './measure.ts'
import { compareUtf8 } from './utf8-order.ts'

/** An event that was applied, and when. */
type Entry = Applied & { actor: string; appliedAt: number }
/** Whether an event is applied, and if not, why. */
export type Verdict = 'applied' | 'duplicate' | LateReason

/** Decides which events are applied, in order of arrival (rules 5 to 7). */
export class Admission {
  /** Every applied event, by actor, in order of arrival. */
  readonly applied = new Map<string, Entry[]>()
  /** All journals of the partition. */
  private journals: Entry[] = []
  private readonly floors = new Map<string, Key>()
  private readonly graceMs: number
  private readonly dedupeMs: number
  private readonly journalMax: number
  private readonly journalsMax: number

  constructor(definition: CycleDefinition) {
    this.graceMs = durationMs(definition.grace ?? definitionDefaults.grace)
    this.dedupeMs = durationMs(definition.dedupe ?? definitionDefaults.dedupe)
    this.journalMax = definition.journal ?? definitionDefaults.journal
    this.journalsMax = definition.journals ?? definitionDefaults.journals
  }

  /** @param arrival the time at which the event was accepted, in ms @param now log time T */
  admit(actor: string, event: Applied, { arrival, now }: { arrival: number; now: number }): Verdict {
    this.journals = this.journals.filter(({ time }) => time >= now - this.graceMs)
    if (this.isDuplicate(actor, event.id, now)) return 'duplicate'
    if (event.time < Math.max(now, arrival) - this.graceMs) return 'grace'
    const floor = this.floors.get(actor)
    if (floor !== undefined && compareKeys(this.keyOf(actor, event), floor) <= 0) return 'bound'
    this.place({ ...event, actor, appliedAt: now })
    return 'applied'
  }

  /** The key of an event. A copy has the key of the first event with its id and time. */
  private keyOf(actor: string, event: Applied): Key {
    return this.applied.get(actor)?.find(({ id, time }) => id === event.id && time === event.time) ?? event
  }

  private isDuplicate(actor: string, id: string, now: number): boolean {
    const inJournal = this.journals.some((entry) => entry.actor === actor && entry.id === id)
    const newest = (this.applied.get(actor) ?? []).slice(-this.journalMax)
    return inJournal || newest.some((entry) => entry.id === id && age(entry, now) <= this.dedupeMs)
  }

  private place(entry: Entry): void {
    const entries = this.applied.get(entry.actor)
    if (entries === undefined) this.applied.set(entry.actor, [entry])
    else entries.push(entry)
    this.journals.push(entry)
    this.pushOut(
      this.journals.filter(({ actor }) => actor === entry.actor),
      this.journalMax,
    )
  }

  /** Pushes out the oldest entries of all journals. Called when all actors of an event have it. */
  bound(): void {
    this.pushOut(this.journals, this.journalsMax)
  }

  private pushOut(entries: readonly Entry[], max: number): void {
    if (entries.length <= max) return
    const oldestFirst = entries.toSorted((a, b) => compareKeys(a, b) || compareUtf8(a.actor, b.actor))
    for (const entry of oldestFirst.slice(0, entries.length - max)) {
      this.journals.splice(this.journals.indexOf(entry), 1)
      const floor = this.floors.get(entry.actor)
      if (floor === undefined || compareKeys(entry, floor) > 0) this.floors.set(entry.actor, entry)
    }
  }
}

/** The age is 0 before the first tick. After it, events that were applied before it have infinite age. */
function age(entry: Entry, now: number): number {
  return now === entry.appliedAt ? 0 : now - entry.appliedAt
}
