import type { DatabaseSync } from 'node:sqlite'
import { RondoError } from '#contracts'
import { inPhase } from '#runtime'
import type { LogRecord } from '../event-log.ts'
import type { AppendOptions, FolderLog, HeldFramesPart, QuarantineLimits, QuarantineUsage } from '../folder-log.ts'
import { checksum } from './checksum.ts'
import { inTransaction } from './database-file.ts'
import { HeldFrames } from './held-frames.ts'
import { LogBeginning } from './log-beginning.ts'
import { RefusedTable } from './refused-table.ts'
import { fileFailure, withinFile } from './sqlite-failure.ts'
import { TraceTable } from './trace-table.ts'

/** A call of `append` that waits for the next group commit. */
interface PendingAppend extends AppendOptions {
  readonly partition: number
  readonly frames: readonly string[]
  readonly resolve: (offset: number) => void
  readonly reject: (failure: RondoError) => void
}

/**
 * The writer of log.db. Calls that come while the event loop is busy, mostly with the sync of the previous group, share one transaction
 * and so one sync. The sync blocks the thread: the calls that come meanwhile are the next group.
 */
export class SqliteLogWriter implements FolderLog {
  readonly partitions: number
  readonly path: string
  readonly #db: DatabaseSync
  readonly #nextOffsets: number[]
  readonly #insertFrame
  readonly #putNote
  readonly #getNote
  readonly #refused: RefusedTable
  readonly #putAct
  readonly #getActs
  readonly #held: HeldFrames
  readonly #traces: TraceTable
  readonly #newest
  readonly #beginning: LogBeginning
  #waiting: PendingAppend[] = []
  /** The failure after which every further write is refused. */
  #failure: RondoError | undefined

  constructor(db: DatabaseSync, path: string, partitions: number) {
    this.partitions = partitions
    this.#db = db
    this.path = path
    const prepared = withinFile(path, () => {
      const last = db.prepare('SELECT max("offset") AS last FROM frames WHERE partition = ?')
      return {
        nextOffsets: Array.from({ length: partitions }, (_, partition) => Number(last.get(partition)?.['last'] ?? -1) + 1),
        insertFrame: db.prepare('INSERT INTO frames (partition, "offset", crc, frame) VALUES (?, ?, ?, ?)'),
        putNote: db.prepare('INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value'),
        getNote: db.prepare('SELECT value FROM notes WHERE name = ?'),
        refused: new RefusedTable(db),
        newest: db.prepare('SELECT "offset", frame FROM frames WHERE partition = ? ORDER BY "offset" DESC'),
        putAct: db.prepare('INSERT INTO acts (record) VALUES (?)'),
        getActs: db.prepare('SELECT "cursor", record FROM acts WHERE "cursor" > ? ORDER BY "cursor"'),
        held: new HeldFrames(db, path),
        beginning: new LogBeginning(db, path),
        traces: new TraceTable(db),
      }
    })
    this.#nextOffsets = prepared.nextOffsets
    this.#insertFrame = prepared.insertFrame
    this.#putNote = prepared.putNote
    this.#getNote = prepared.getNote
    this.#refused = prepared.refused
    this.#putAct = prepared.putAct
    this.#getActs = prepared.getActs
    this.#held = prepared.held
    this.#traces = prepared.traces
    this.#newest = prepared.newest
    this.#beginning = prepared.beginning
  }

  append(partition: number, frames: readonly string[], options: AppendOptions = {}): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      if (this.#nextOffsets[partition] === undefined)
        return reject(new RondoError('RONDO_INTERNAL', `There is no partition ${partition} of ${this.partitions}.`))
      this.#waiting.push({ ...options, partition, frames, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => this.#commitGroup())
    })
  }

  note(key: string): string | undefined {
    return withinFile(this.path, () => this.#getNote.get(key)?.['value'] as string | undefined)
  }

  quarantine(after: number, limit: number): { cursor: number; record: string }[] {
    return withinFile(this.path, () => this.#refused.page(after, limit))
  }

  get quarantineUsage(): QuarantineUsage {
    return this.#refused.usage
  }

  limitQuarantine(limits: QuarantineLimits): void {
    this.#refused.limit(limits)
  }

  acts(after: number): { cursor: number; record: string }[] {
    return withinFile(this.path, () => this.#getActs.all(after) as { cursor: number; record: string }[])
  }

  held(bytesMax: number): HeldFramesPart {
    return withinFile(this.path, () => this.#held.oldest(bytesMax))
  }

  newestHeld(bytesMax: number): { frames: string[]; isAll: boolean } {
    return withinFile(this.path, () => this.#held.newest(bytesMax))
  }

  nextOffset(partition: number): number {
    return this.#nextOffsets[partition] ?? 0
  }

  newestFrames(partition: number, bytesMax: number): LogRecord[] {
    return withinFile(this.path, () => {
      const frames: LogRecord[] = []
      let size = 0
      for (const record of this.#newest.iterate(partition) as Iterable<LogRecord>) {
        size += record.frame.length
        if (size > bytesMax) break
        frames.push(record)
      }
      return frames
    })
  }

  async close(): Promise<void> {
    this.#commitGroup()
    this.#failure ??= new RondoError('RONDO_INTERNAL', `The event log ${this.path} has been closed.`)
    if (this.#db.isOpen) withinFile(this.path, () => this.#db.close())
  }

  #commitGroup(): void {
    const group = this.#waiting
    if (group.length === 0) return
    this.#waiting = []
    const nextOffsets = [...this.#nextOffsets]
    try {
      const offsets = inPhase('group-commit', () => inTransaction(this.#db, () => group.map((append) => this.#write(append, nextOffsets))))
      this.#nextOffsets.splice(0, this.partitions, ...nextOffsets)
      for (const [i, append] of group.entries()) append.resolve(offsets[i] ?? 0)
    } catch (cause) {
      const failure = fileFailure(this.path, cause)
      // After a failed sync the content of the disk is unknown, so every later write is refused. Only a full disk and a lock leave the file unchanged.
      if (!failure.retriable) this.#failure = failure
      else if (group.some(({ quarantine = [], trimQuarantineAt }) => quarantine.length > 0 || trimQuarantineAt !== undefined)) this.#refused.reload()
      for (const append of group) append.reject(failure)
    }
  }

  #write(append: PendingAppend, nextOffsets: number[]): number {
    const { partition, frames, traces, trim } = append
    const first = nextOffsets[partition] ?? 0
    for (const [i, frame] of frames.entries()) this.#insertFrame.run(partition, first + i, checksum(partition, first + i, frame), frame)
    nextOffsets[partition] = first + frames.length
    if (trim !== undefined) this.#beginning.trim(partition, { ...trim, below: Math.min(trim.below, first - 1) })
    this.#traces.add(partition, first, traces)
    this.#writeBeside(append)
    return first
  }

  /** Writes what is kept beside the frames. */
  #writeBeside({ note, quarantine = [], acts = [], held = [], released, trimQuarantineAt }: PendingAppend): void {
    if (note !== undefined) this.#putNote.run(note.key, note.value)
    this.#refused.add(quarantine)
    if (trimQuarantineAt !== undefined) this.#refused.trim(trimQuarantineAt)
    for (const act of acts) this.#putAct.run(JSON.stringify(act))
    this.#held.add(held)
    if (released !== undefined) this.#held.remove(released)
  }
}
