import type { DatabaseSync } from 'node:sqlite'
import type { EventName, Position, RondoError } from '#contracts'
import type { Feed, FeedRecord } from '../event-log.ts'
import { joinDatabase } from './database-file.ts'
import { OutputFrames } from './output-frames.ts'
import type { StateTables, TableStatement } from './read-model-tables.ts'
import { damaged, withinFile } from './sqlite-failure.ts'
import { stateFile } from './state-file.ts'

/** The limit of rows in one answer, however many were requested. */
const PAGE_MAX = 10_000

/** Reads state.db for serving. */
export interface StateReader extends Feed {
  /** The tables of the read models, for reading; a failure is a RondoError that names the file. */
  readonly tables: Pick<StateTables, 'prepare'>
  /**
   * The output at a cursor that a read model has stored.
   * @throws RondoError RONDO_DATA_CORRUPT if there is none
   */
  at(cursor: number): string
  /** Records of the topic `late` as JSON, oldest first. */
  late(after: number, limit: number): Promise<{ cursor: number; record: string }[]>
  /** Records of the topic `quarantine` as JSON, oldest first. */
  quarantine(after: number, limit: number): Promise<{ cursor: number; record: string }[]>
  /** The stored record of each name of events of a partition. */
  names(partition: number): Promise<EventName[]>
  /** The partition metadata of the last batch; undefined if there is none. */
  partitionMetadata(partition: number): Promise<string | undefined>
  /** The position at the end of a partition's last batch; undefined if there is none. */
  position(partition: number): Promise<Position | undefined>
  /** The error for a damaged table: `what` names the damage. */
  damaged(what: string): RondoError
  close(): void
}

/**
 * Reads state.db for serving: the feed, late and refused events. It sees only complete batches. Each
 * call is one short read of one page.
 */
export class SqliteStateReader implements StateReader {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #outputs: OutputFrames
  readonly #late
  readonly #partitionMetadata
  readonly #position
  readonly #names
  readonly #quarantine

  constructor(path: string) {
    this.#path = path
    this.#db = joinDatabase(this.#path, stateFile, 'read')
    const prepared = withinFile(this.#path, () => ({
      outputs: new OutputFrames(this.#db, this.#path),
      partitionMetadata: this.#db.prepare('SELECT summary FROM partitions WHERE partition = ?'),
      position: this.#db.prepare('SELECT position FROM partitions WHERE partition = ?'),
      names: this.#db.prepare('SELECT record FROM names WHERE partition = ?'),
      late: this.#db.prepare('SELECT "cursor", record FROM late WHERE "cursor" > ? ORDER BY "cursor" LIMIT ?'),
      quarantine: this.#db.prepare('SELECT "cursor", record FROM quarantine WHERE "cursor" > ? ORDER BY "cursor" LIMIT ?'),
    }))
    this.#outputs = prepared.outputs
    this.#names = prepared.names
    this.#late = prepared.late
    this.#partitionMetadata = prepared.partitionMetadata
    this.#position = prepared.position
    this.#quarantine = prepared.quarantine
  }

  async read(after: number, limit: number): Promise<FeedRecord[]> {
    return withinFile(this.#path, () => this.#outputs.read(after, pageSize(limit)))
  }

  async newest(limit: number): Promise<FeedRecord[]> {
    return withinFile(this.#path, () => this.#outputs.newest(pageSize(limit)))
  }

  at(cursor: number): string {
    return withinFile(this.#path, () => this.#outputs.at(cursor))
  }

  async late(after: number, limit: number): Promise<{ cursor: number; record: string }[]> {
    return withinFile(this.#path, () => this.#late.all(after, pageSize(limit)) as { cursor: number; record: string }[])
  }

  async quarantine(after: number, limit: number): Promise<{ cursor: number; record: string }[]> {
    return withinFile(this.#path, () => this.#quarantine.all(after, pageSize(limit)) as { cursor: number; record: string }[])
  }

  async names(partition: number): Promise<EventName[]> {
    return withinFile(this.#path, () => this.#names.all(partition).map(({ record }) => JSON.parse(record as string) as EventName))
  }

  async partitionMetadata(partition: number): Promise<string | undefined> {
    return withinFile(this.#path, () => (this.#partitionMetadata.get(partition)?.['summary'] ?? undefined) as string | undefined)
  }

  async position(partition: number): Promise<Position | undefined> {
    return withinFile(this.#path, () => {
      const text = this.#position.get(partition)?.['position'] as string | null | undefined
      return typeof text === 'string' ? (JSON.parse(text) as Position) : undefined
    })
  }

  get tables(): Pick<StateTables, 'prepare'> {
    return { prepare: (sql) => withinFile(this.#path, () => guarded(this.#path, this.#db.prepare(sql))) }
  }

  damaged(what: string): RondoError {
    return damaged(this.#path, what)
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }
}

function guarded(path: string, statement: TableStatement): TableStatement {
  return {
    run: (...values) => withinFile(path, () => statement.run(...values)),
    get: (...values) => withinFile(path, () => statement.get(...values)),
    all: (...values) => withinFile(path, () => statement.all(...values)),
  }
}

function pageSize(limit: number): number {
  return Math.max(0, Math.min(limit, PAGE_MAX))
}
