import { type ActivityEvent, type ControlRecord, controlRecordSchema, type Instant, instantOf, RondoError } from '#contracts'
import type { LogRecord, LogWriter } from '../event-log.ts'
import { foreignArrival, foreignControl } from './foreign-records.ts'
import { type Addresses, appendLines, PartitionedLines } from './partitioned-lines.ts'
import { repartitionedEvent } from './repartitioned-event.ts'
import { sourceOf } from './source-writer.ts'

/** The copy holds this many entries in memory, and then appends them together. */
const ENTRIES_PER_APPEND = 5_000

/** The log that is copied, and the log that gets the copy. */
export interface RepartitionOptions {
  /** The records of each partition of the log, from its beginning to its end. No process writes to it. */
  readonly from: readonly AsyncIterable<LogRecord>[]
  /** An empty log. */
  readonly to: LogWriter
  /** The actors that events name, for the cycles that will run on the copy. */
  readonly addresses?: Addresses | undefined
  readonly onProgress?: (entries: number) => void
}

/** What a copy has. */
export interface RepartitionReport {
  readonly entries: number
  /** The names of the sources' writers, which stay open in the copy. */
  readonly sources: readonly string[]
}

/** One line of a frame, with the time that orders it among the entries of all partitions. */
interface Entry {
  readonly line: string
  /** Undefined if the line is not JSON. */
  readonly value: ActivityEvent | ControlRecord | undefined
  /** Its order among the entries of the other partitions; it never falls. */
  readonly time: Instant
}

/**
 * Copies a log into another number of partitions, so that every actor has the same history. Entries of all partitions are
 * copied in the order of their time, those of one partition in their order. Each partition in which a writer wrote gets a writer of its own in the copy,
 * since a tick is only about the entries before it in that partition. A line that is not JSON is copied, and refused again.
 * An entry that was refused because of its append time is copied in a form that gives the reason, since the copy has a later append time.
 * Writers that are open at the end are closed: in a copy no other process would close them, and log time would wait for ever. But sources
 * continue: the writers of their partitions are opened first, under their own names, so that log time does not pass records that the
 * source has not delivered yet.
 *
 * @returns the number of entries, and the writers that stay open, which need a heartbeat
 * @throws RondoError RONDO_LOG_INCOMPLETE if the import of a history was interrupted; RONDO_RECORD_FOREIGN if one was imported after live events
 */
export async function repartition({ from, to, addresses, onProgress }: RepartitionOptions): Promise<RepartitionReport> {
  const streams = from.map((records, partition) => new EntryStream(records, partition))
  await Promise.all(streams.map((stream) => stream.advance()))
  const lines = new PartitionedLines(to.partitions)
  const move = { from: from.length, to: to.partitions }
  const copy = ({ line, value }: Entry, partition: number): void => {
    const event = value !== undefined && 'actor' in value ? value : undefined
    // A line that is not an event has no actor: it goes to the partition of the empty id.
    if (event === undefined) lines.add('', line)
    else if (typeof event.actor?.id !== 'string') lines.add(String(event.actor?.id), line)
    else for (const copied of repartitionedEvent(event, line, { ...move, partition }, addresses)) lines.addTo(copied.partition, copied.line)
  }
  let entries = 0
  const copyHead = async (stream: EntryStream, write: (entry: Entry, partition: number) => void): Promise<void> => {
    write(stream.head as Entry, stream.partition)
    await stream.advance()
    if (++entries % ENTRIES_PER_APPEND !== 0) return
    await appendLines(to, lines)
    onProgress?.(entries)
  }
  // First the imported history of every partition that has one. Its begin and end are one record in the log: the first of them goes to all partitions.
  const histories = streams.filter((stream) => isControl(stream.head, 'backfill.begin'))
  for (const [i, stream] of histories.entries()) await copyHead(stream, ({ line }) => i === 0 && lines.addToAll(line))
  for (let next = earliest(histories, inHistory); next !== undefined; next = earliest(histories, inHistory)) await copyHead(next, copy)
  for (const [i, stream] of histories.entries()) {
    if (stream.head === undefined) throw importInterrupted(stream.partition)
    await copyHead(stream, ({ line }) => i === 0 && lines.addToAll(line))
  }
  // Then the live entries. `open` has the open writers, with the time of their last tick.
  const open = new Map<string, string>()
  for (let next = earliest(streams); next !== undefined; next = earliest(streams)) {
    const { partition, head } = next
    if (isControl(head, 'backfill.begin')) throw importNotAtBeginning(partition)
    await copyHead(next, (entry) => {
      if (!isControl(entry)) return copy(entry, partition)
      const record = withPartitionInName(entry.value as ControlRecord, partition)
      if (record.record === 'writer.close') open.delete(record.writer)
      else if (record.record === 'writer.open' || open.has(record.writer)) open.set(record.writer, record.time)
      lines.addToAll(JSON.stringify(record))
    })
  }
  // A writer is named after its partition in the copy; a source continues under the name without it.
  const sources = new Map(
    [...open].map(([writer, time]) => [writer.slice(0, writer.lastIndexOf('/')), time] as const).filter(([writer]) => sourceOf(writer) !== undefined),
  )
  const addToAll = (record: 'writer.open' | 'writer.close', writers: ReadonlyMap<string, string>): void => {
    for (const [writer, time] of writers) lines.addToAll(JSON.stringify({ record, writer, time } satisfies ControlRecord))
  }
  addToAll('writer.open', sources)
  addToAll('writer.close', open)
  await appendLines(to, lines)
  return { entries, sources: [...sources.keys()] }
}

const inHistory = ({ head }: EntryStream): boolean => !isControl(head, 'backfill.end')

function earliest(streams: readonly EntryStream[], isWanted: (stream: EntryStream) => boolean = () => true): EntryStream | undefined {
  let found: EntryStream | undefined
  for (const stream of streams) {
    if (stream.head === undefined || !isWanted(stream)) continue
    if (found?.head === undefined || stream.head.time < found.head.time) found = stream
  }
  return found
}

function isControl(entry: Entry | undefined, record?: ControlRecord['record']): boolean {
  const { value } = entry ?? {}
  return value !== undefined && 'record' in value && (record === undefined || value.record === record)
}

/** A writer of several partitions becomes one writer for each, since a tick is only about the entries before it in its partition. */
function withPartitionInName(record: ControlRecord, partition: number): ControlRecord {
  const rename = (writer: string): string => `${writer}/${partition}`
  const by = 'by' in record && record.by !== undefined ? { by: rename(record.by) } : {}
  return { ...record, writer: rename(record.writer), ...by }
}

function importNotAtBeginning(partition: number): RondoError {
  return new RondoError(
    'RONDO_RECORD_FOREIGN',
    `Partition ${partition} of the log has an import behind its beginning, which cannot be spread over other partitions.`,
  )
}

function importInterrupted(partition: number): RondoError {
  return new RondoError(
    'RONDO_LOG_INCOMPLETE',
    `Partition ${partition} of the log ends inside an import, which was interrupted. Import again into topics of another prefix; --partitions may be any there.`,
  )
}

/** The entries of one partition, one at a time. */
class EntryStream {
  readonly partition: number
  /** Undefined at the end. */
  head: Entry | undefined
  readonly #records: AsyncIterator<LogRecord>
  #record: LogRecord = { offset: 0, frame: '' }
  #lines: string[] = []
  #next = 0
  #time: Instant = Number.NEGATIVE_INFINITY
  #isHistory = false

  constructor(records: AsyncIterable<LogRecord>, partition: number) {
    this.partition = partition
    this.#records = records[Symbol.asyncIterator]()
  }

  async advance(): Promise<void> {
    while (this.#next === this.#lines.length) {
      const { value: record, done } = await this.#records.next()
      if (done === true) {
        this.head = undefined
        return
      }
      this.#record = record
      this.#lines = record.frame.split('\n')
      this.#next = 0
    }
    const index = this.#next++
    const line = this.#lines[index] as string
    const value = parsedEntry(line)
    const reason = value === undefined ? undefined : foreignReason(value, index, this.#record)
    if (reason === undefined) this.#keepTime(value)
    this.head = reason === undefined ? { line, value, time: this.#time } : { line: refusedLine(line, reason), value: undefined, time: this.#time }
  }

  /** In a history, times begin again: its rows are older than its begin record. */
  #keepTime(value: Entry['value']): void {
    if (value === undefined) return
    const isMark = 'record' in value && value.record.startsWith('backfill.')
    if (isMark) this.#isHistory = value.record === 'backfill.begin'
    const time = instantOf('record' in value ? value.time : value.receivedAt)
    if (isMark && this.#isHistory) this.#time = Number.NEGATIVE_INFINITY
    else if (!Number.isNaN(time)) this.#time = Math.max(this.#time, time)
  }
}

function foreignReason(value: ActivityEvent | ControlRecord, index: number, { offset, appendedAt }: LogRecord): string | undefined {
  if (appendedAt === undefined) return undefined
  return 'record' in value ? foreignControl(value, { offset, index, appendedAt }) : foreignArrival(instantOf(value.receivedAt), appendedAt)
}

/** A control record of an unknown kind: it is not applied, and quarantine shows the original line. */
function refusedLine(line: string, reason: string): string {
  return JSON.stringify({ record: 'refused', reason, raw: line })
}

function parsedEntry(line: string): Entry['value'] {
  try {
    const value = JSON.parse(line) as object | null
    if (typeof value !== 'object' || value === null) return undefined
    if ('record' in value) return controlRecordSchema.safeParse(value).data
    return 'actor' in value ? (value as ActivityEvent) : undefined
  } catch {
    return undefined
  }
}
