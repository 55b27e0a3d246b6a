import { setImmediate as nextTurn } from 'node:timers/promises'
import { type ActivityEvent, RondoError } from '#contracts'
import { type CompiledCycle, CountedActors, type FoldEvent, LogTime, type LogTimeState, lateBefore, type Owns } from '#cycle'
import type { LogRecord } from '#event-log'
import type { FollowedTo, HistoryBatch } from '../store/history-batch.ts'
import type { FoldedTo, HistorySource, PartitionSource } from './history-source.ts'
import { LateEvents } from './late-events.ts'
import { eventKey, RecentEvents } from './recent-events.ts'
import { traitsOf } from './traits-of.ts'

/** How much of the log is read at once. Its events are decoded before other work of the thread has its turn: some milliseconds. */
const PAGE_BYTES = 1 << 18

/** The place of an entry in the log. */
type EntryPlace = FollowedTo['log']

/** What is needed to read the log again from a place. */
interface Recall {
  readonly place: EntryPlace
  readonly lateAfter: number
  readonly time: LogTimeState
}

/** What the reading of one partition consists of. */
interface ActivityOptions {
  readonly cycle: CompiledCycle
  readonly source: PartitionSource
  readonly decode: HistorySource['decode']
  readonly owns: Owns | undefined
}

/** How much one batch takes of a partition. */
export interface ActivityLimits {
  readonly rowsMax: number
  readonly bytesMax: number
}

/**
 * Reads the log of one partition for who was active when, and for traits. An event counts as the fold decides it (decision 0020): addressing and the grace
 * period follow from the log alone; what a journal's bound made late is in the late events; a copy is found among the newest events.
 */
export class PartitionActivity {
  readonly #cycle: CompiledCycle
  readonly #source: PartitionSource
  readonly #decode: HistorySource['decode']
  readonly #counted: CountedActors
  readonly #recent = new RecentEvents()
  readonly #time = new LogTime()
  readonly #late: LateEvents
  /** The last entry that was read. */
  #place: EntryPlace
  /** What was read before in another process: it is only remembered again. */
  readonly #written: EntryPlace
  /** The states from which the two halves of the memory of events were filled, the older one first. */
  readonly #recalls: Recall[]
  /** The state before the record that is being read. */
  #before: Recall

  constructor({ cycle, source, decode, owns }: ActivityOptions, followed: Pick<FollowedTo, 'log' | 'lateAfter' | 'recall'>) {
    this.#cycle = cycle
    this.#source = source
    this.#decode = decode
    this.#counted = new CountedActors(cycle, owns)
    this.#written = followed.log
    const recall = followed.recall === null ? undefined : (JSON.parse(followed.recall) as Recall)
    if (recall !== undefined) this.#time.load(recall.time)
    this.#place = recall?.place ?? { offset: 0, index: -1 }
    this.#late = new LateEvents((after, limit) => source.late(after, limit), recall?.lateAfter ?? 0)
    this.#before = this.#present
    this.#recalls = [this.#before]
  }

  /** What is stored with a batch. */
  get followed(): Pick<FollowedTo, 'log' | 'lateAfter' | 'recall'> {
    const isBehind = isAfter(this.#written, this.#place)
    return { log: isBehind ? this.#written : this.#place, lateAfter: this.#late.after, recall: JSON.stringify(this.#recalls[0]) }
  }

  /** Reads on, up to where the log is folded or the limits. @returns whether it has come to where the log is folded */
  async read(batch: HistoryBatch, folded: FoldedTo, { rowsMax, bytesMax }: ActivityLimits): Promise<boolean> {
    const rowsEnd = batch.rows + rowsMax
    await this.#late.look()
    for (let bytes = 0; isAfter(folded, this.#place); await nextTurn()) {
      if (bytes >= bytesMax || batch.rows >= rowsEnd) return false
      const records = await this.#source.records(this.#place.offset, PAGE_BYTES)
      const last = records.at(-1)
      if (last === undefined) throw missingRecords(this.#place, folded)
      for (const record of records) {
        if (record.offset > folded.offset) return true
        bytes += record.frame.length
        if (this.#late.isEmpty) await this.#late.readOn()
        this.#readRecord(record, folded, batch)
      }
      if (last.offset >= folded.offset) return true
      this.#place = { offset: last.offset + 1, index: -1 }
    }
    return true
  }

  #readRecord(record: LogRecord, folded: FoldedTo, batch: HistoryBatch): void {
    const { offset } = record
    if (offset > this.#place.offset || this.#place.index < 0) this.#before = { ...this.#present, place: { offset, index: -1 } }
    for (const [index, entry] of this.#decode(record).entries()) {
      const place = { offset, index }
      if (!isAfter(place, this.#place)) continue
      if (isAfter(place, folded)) return
      this.#place = place
      if (entry.kind === 'control') this.#time.update(entry.record)
      if (entry.kind === 'event') this.#readEvent(entry.event, entry.record, isAfter(place, this.#written) ? batch : undefined)
    }
  }

  #readEvent(event: FoldEvent, record: ActivityEvent, batch: HistoryBatch | undefined): void {
    const { isRecord, actorIds, isOfActor } = this.#counted.of(event)
    if (!isRecord) return
    for (const actorId of actorIds) if (this.#isApplied(event, record, actorId)) batch?.addActive(actorId, event.time)
    if (isOfActor && event.traits !== undefined)
      for (const [name, value] of traitsOf(event.traits)) batch?.addTrait(event.actorId, name, { value, since: event.time })
    if (this.#time.inBackfill) this.#time.advanceTo(event.arrival)
  }

  /** Whether the event is in the actor's history: it is no copy, and not late (rules 6 and 7, in this order). */
  #isApplied(event: FoldEvent, record: ActivityEvent, actorId: string): boolean {
    const { graceMs, dedupeMs, addressing } = this.#cycle
    const { now } = this.#time
    const key = eventKey(actorId, addressing === undefined ? event.id : `${event.id}\n${event.actorType}\n${event.actorId}`)
    if (this.#recent.isCopy(key, now)) return false
    if (event.time < lateBefore(now, event.arrival, graceMs)) return false
    if (this.#late.take(record, actorId, now)) return false
    // Within its grace an event is in the journal, where its copies are found however short `dedupe` is.
    if (this.#recent.add(key, Math.max(now + dedupeMs, event.time + graceMs))) this.#recallFrom(this.#before)
    return true
  }

  #recallFrom(recall: Recall): void {
    this.#recalls.push(recall)
    if (this.#recalls.length > 2) this.#recalls.shift()
  }

  get #present(): Recall {
    return { place: this.#place, lateAfter: this.#late.after, time: this.#time.save() }
  }
}

function missingRecords({ offset }: EntryPlace, folded: EntryPlace): RondoError {
  const message = `The log gives no record from offset ${offset} on, though it is folded up to offset ${folded.offset}.`
  return new RondoError('RONDO_LOG_INCOMPLETE', message, { retriable: true })
}

function isAfter(place: EntryPlace, other: EntryPlace): boolean {
  return place.offset > other.offset || (place.offset === other.offset && place.index > other.index)
}
