import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogRecord, OwnedPartition } from '#event-log'
import { decodeRecord, type Entry } from './decode-frame.ts'

/** How much of the log is kept for the other runs, in characters of its frames. Decoded entries take some times as much memory. */
const KEPT_MAX = 4 << 20

/** The frames of one partition, and their entries, for one run. */
export interface LogReading {
  /** As {@link OwnedPartition.read}. */
  read: OwnedPartition['read']
  /** The entries of a record that was read here. Other runs may get the same ones, so nobody may change them. */
  decode(record: LogRecord): readonly Entry[]
}

/** A reading that has to be left when its run ends. */
interface JoinedReading extends LogReading {
  leave(): void
}

/** The records of one read, kept for the runs that have not come to them yet. */
interface Chunk {
  readonly from: number
  /** The offset behind its last record. */
  readonly end: number
  readonly records: readonly LogRecord[]
  readonly size: number
  /** The entries that one run has decoded. */
  readonly entries: Map<LogRecord, readonly Entry[]>
}

/** One run, and the offset up to which it has got records. */
interface Reader {
  readonly source: Pick<OwnedPartition, 'read'>
  next: number
}

/**
 * One reading of a partition for the runs of several cycles in this process: a frame that they come to at about the same time is read and decoded once.
 * Each run has a position, commits and failures of its own. The frames between the first and the last run are kept up to a limit; a run that is
 * further behind reads for itself until it comes to where the others are. A single run keeps nothing.
 */
export class SharedReading {
  readonly #keptMax: number
  readonly #readers = new Set<Reader>()
  /** In the order in which they were read. */
  readonly #chunks = new Set<Chunk>()
  #kept = 0
  readonly #chunkOf = new WeakMap<LogRecord, Chunk>()
  /** The reads that have not been answered yet, by their offset. */
  readonly #pending = new Map<number, Promise<Chunk | undefined>>()

  constructor({ keptMax = KEPT_MAX }: { readonly keptMax?: number } = {}) {
    this.#keptMax = keptMax
  }

  /** Joins a run, which reads what no other has read through its own partition. */
  join(source: Pick<OwnedPartition, 'read'>): JoinedReading {
    const reader: Reader = { source, next: 0 }
    this.#readers.add(reader)
    return {
      read: (offset, limits) => this.#read(reader, offset, limits),
      decode: (record) => this.#decode(record),
      leave: () => {
        this.#readers.delete(reader)
        this.#removePassed()
      },
    }
  }

  async #read(reader: Reader, offset: number, limits: Parameters<OwnedPartition['read']>[1]): Promise<readonly LogRecord[]> {
    // Without it, a run with a backlog would leave no time to the others: it waits only for promises that are resolved.
    if (this.#readers.size > 1) await nextTurn()
    reader.next = offset
    const chunk = this.#chunkAt(offset) ?? (await this.#readWithOthers(reader, offset, limits))
    if (chunk === undefined) return []
    const records = recordsWithin(chunk.records, offset, limits.bytesMax)
    reader.next = (records.at(-1)?.offset ?? offset - 1) + 1
    this.#removePassed()
    return records
  }

  /** Waits for the read of another run at the same offset. If that gives nothing, since it failed or its partition was lost, this run reads for itself. */
  async #readWithOthers(reader: Reader, offset: number, limits: Parameters<OwnedPartition['read']>[1]): Promise<Chunk | undefined> {
    const pending = this.#pending.get(offset)
    if (pending === undefined) return this.#fetch(reader, offset, limits)
    const chunk = await pending.catch(() => undefined)
    return chunk ?? this.#fetch(reader, offset, { ...limits, waitMs: 0 })
  }

  async #fetch(reader: Reader, offset: number, limits: Parameters<OwnedPartition['read']>[1]): Promise<Chunk | undefined> {
    const reading = reader.source.read(offset, limits).then((records) => this.#chunkOfRead(reader, offset, records))
    this.#pending.set(offset, reading)
    try {
      return await reading
    } finally {
      if (this.#pending.get(offset) === reading) this.#pending.delete(offset)
    }
  }

  /** The records of a read, which are kept if another run has not come to them yet. */
  #chunkOfRead(reader: Reader, from: number, records: readonly LogRecord[]): Chunk | undefined {
    const last = records.at(-1)
    if (last === undefined) return undefined
    const size = records.reduce((sum, { frame }) => sum + frame.length, 0)
    const chunk: Chunk = { from, end: last.offset + 1, records, size, entries: new Map() }
    if ([...this.#readers].some((other) => other !== reader && other.next < chunk.end)) this.#keep(chunk)
    return chunk
  }

  #keep(chunk: Chunk): void {
    this.#chunks.add(chunk)
    this.#kept += chunk.size
    for (const record of chunk.records) this.#chunkOf.set(record, chunk)
    for (const oldest of this.#chunks) {
      if (this.#kept <= this.#keptMax || oldest === chunk) break
      this.#remove(oldest)
    }
  }

  #chunkAt(offset: number): Chunk | undefined {
    for (const chunk of this.#chunks) if (chunk.from <= offset && offset < chunk.end) return chunk
    return undefined
  }

  /** Removes the chunks that every run has got. */
  #removePassed(): void {
    const first = Math.min(...[...this.#readers].map(({ next }) => next))
    for (const chunk of this.#chunks) if (chunk.end <= first) this.#remove(chunk)
  }

  #remove(chunk: Chunk): void {
    if (this.#chunks.delete(chunk)) this.#kept -= chunk.size
  }

  #decode(record: LogRecord): readonly Entry[] {
    const chunk = this.#chunkOf.get(record)
    const known = chunk?.entries.get(record)
    if (known !== undefined) return known
    const entries = decodeRecord(record)
    if (chunk !== undefined && this.#chunks.has(chunk)) chunk.entries.set(record, entries)
    return entries
  }
}

/** The records from an offset on that fit, at least one. */
function recordsWithin(records: readonly LogRecord[], offset: number, sizeMax: number): readonly LogRecord[] {
  const found: LogRecord[] = []
  let size = 0
  for (const record of records) {
    if (record.offset < offset) continue
    size += record.frame.length
    if (found.length > 0 && size > sizeMax) break
    found.push(record)
  }
  return found
}
