import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { type Instant, RondoError } from '#contracts'
import { historyFailure } from '../duckdb/history-failure.ts'
import { type DuckDb, loadDuckDb } from '../duckdb/load-duckdb.ts'
import { ReaderPool } from '../duckdb/reader-pool.ts'
import { rowsOf } from '../duckdb/rows.ts'
import type { HistoryReader, HistoryValues, TakeNumbers } from '../history-reader.ts'
import { BatchWriter } from './batch-writer.ts'
import type { FollowedTo } from './history-batch.ts'
import { LAYOUT_VERSION, layout, staging } from './layout.ts'

/** In memory, for tests and examples. */
export const IN_MEMORY = ':memory:'

/** Which history a file has. */
export interface HistoryOptions {
  /** Its path, or {@link IN_MEMORY}. */
  readonly path: string
  readonly actorType: string
  readonly partitions: number
  /** What it follows: the cycle, its definition and generation, and the log. A file that was made of something else is made again. */
  readonly identity: Readonly<Record<string, string>>
}

/** Why a file was made again: it was missing, made by another release or of something else, or damaged. */
export type RebuildReason = 'missing' | 'layout' | 'identity' | 'damaged'

/**
 * How much memory DuckDB takes at most, beside that of the process; larger intermediate results go into files beside the history.
 * Groups of one actor each are found by its number in an array instead of a hash table, which takes 0.5 to 0.75 of the processor time (1 M actors,
 * AMD EPYC, 2026-11-30), as long as there are at most four million (22 bits): an array is not counted in the limit of memory, and each thread has one.
 */
const SETTINGS = {
  threads: '2',
  memory_limit: '1GB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  preserve_insertion_order: 'true',
  perfect_ht_threshold: '22',
}

/** The files that this process has open: DuckDB would open one twice, and damage it. */
const open = new Set<string>()

/** The history of one cycle: one writer, and as many readers as there are questions. */
export class HistoryFile implements HistoryReader {
  readonly path: string
  /** Why it was made again when it was opened; undefined if it continues. */
  readonly rebuilt: RebuildReason | undefined
  readonly writer: BatchWriter
  readonly #duckdb: DuckDb
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #readers: ReaderPool

  private constructor(opened: Opened, { path, actorType }: HistoryOptions, rebuilt: RebuildReason | undefined) {
    this.path = path
    this.rebuilt = rebuilt
    this.#duckdb = opened.duckdb
    this.#instance = opened.instance
    this.#connection = opened.connection
    this.writer = new BatchWriter(opened.duckdb, opened.connection, actorType)
    this.#readers = new ReaderPool(opened.duckdb, opened.instance, path)
  }

  /**
   * Opens the file. One that is missing is created; one of another layout or identity is deleted, and a damaged one is moved aside (`.damaged`), and both
   * are created again, empty: its follower then fills it.
   * @throws RondoError RONDO_HISTORY_UNAVAILABLE without DuckDB; RONDO_DATA_LOCKED (retriable) if another process has it open; RONDO_DATA_FOREIGN if it is a
   * database of another program; RONDO_DATA_FULL, RONDO_DATA_UNREADABLE (retriable)
   */
  static async open(options: HistoryOptions): Promise<HistoryFile> {
    const path = options.path === IN_MEMORY ? IN_MEMORY : resolve(options.path)
    if (open.has(path)) throw new RondoError('RONDO_DATA_LOCKED', `The history ${path} is open in this process already.`, { retriable: true })
    const duckdb = await loadDuckDb()
    if (path !== IN_MEMORY) open.add(path)
    try {
      return await openFile(duckdb, { ...options, path })
    } catch (failure) {
      open.delete(path)
      throw historyFailure(path, failure)
    }
  }

  /** Where each partition was followed to. */
  async followed(): Promise<readonly (FollowedTo & { readonly logTime: Instant | undefined })[]> {
    const rows = await this.rows<Record<string, number | string | null>>('SELECT * FROM as_of ORDER BY "partition"')
    return rows.map((row) => ({
      partition: row['partition'] as number,
      logTime: (row['log_time'] as number | null) ?? undefined,
      feedAfter: row['feed_after'] as number,
      lateAfter: row['late_after'] as number,
      log: { offset: row['log_offset'] as number, index: row['log_index'] as number },
      recall: row['recall'] as string | null,
    }))
  }

  rows<Row>(sql: string, values?: HistoryValues): Promise<Row[]> {
    return this.#readers.with((reader) => reader.rows<Row>(sql, values))
  }

  numbers(sql: string, take: TakeNumbers): Promise<void> {
    return this.#readers.with((reader) => reader.numbers(sql, take))
  }

  asOf(): Promise<Instant> {
    return this.#readers.with((reader) => reader.asOf())
  }

  snapshot<Answer>(questions: (reader: HistoryReader) => Promise<Answer>): Promise<Answer> {
    return this.#readers.with((reader) => reader.snapshot(questions))
  }

  /** Waits for the questions that run, and closes the file. */
  async close(): Promise<void> {
    await this.#readers.close()
    this.#connection.closeSync()
    this.#instance.closeSync()
    open.delete(this.path)
  }

  /** Closes the file and deletes it. */
  async remove(): Promise<void> {
    await this.close()
    removeFile(this.path)
  }

  /** @internal */
  static of(opened: Opened, options: HistoryOptions, rebuilt: RebuildReason | undefined): HistoryFile {
    return new HistoryFile(opened, options, rebuilt)
  }
}

/** An open database, with the connection of the writer. */
interface Opened {
  readonly duckdb: DuckDb
  readonly instance: DuckDBInstance
  readonly connection: DuckDBConnection
}

async function openFile(duckdb: DuckDb, options: HistoryOptions): Promise<HistoryFile> {
  const { path } = options
  const isThere = path !== IN_MEMORY && existsSync(path)
  const expected = new Map(Object.entries({ ...options.identity, layout: String(LAYOUT_VERSION), partitions: String(options.partitions) }))
  if (!isThere && path !== IN_MEMORY) mkdirSync(dirname(path), { recursive: true })
  if (!isThere) return await create(duckdb, options, 'missing')
  try {
    const opened = await connect(duckdb, path)
    const other = await otherIdentity(opened, path, expected).catch((failure: unknown) => {
      disconnect(opened)
      throw failure
    })
    if (other === undefined) {
      await opened.connection.run(staging)
      return HistoryFile.of(opened, options, undefined)
    }
    disconnect(opened)
    removeFile(path)
    return await create(duckdb, options, other)
  } catch (cause) {
    const failure = historyFailure(path, cause)
    if (failure.code !== 'RONDO_DATA_CORRUPT') throw failure
    moveAside(path)
    return await create(duckdb, options, 'damaged')
  }
}

async function create(duckdb: DuckDb, options: HistoryOptions, reason: RebuildReason): Promise<HistoryFile> {
  const { path, partitions, identity } = options
  // A log of changes without its file belongs to one that was deleted.
  if (path !== IN_MEMORY) rmSync(`${path}.wal`, { force: true })
  const opened = await connect(duckdb, path)
  const { connection } = opened
  await connection.run(`BEGIN; ${layout}`)
  const meta = { ...identity, layout: String(LAYOUT_VERSION), partitions: String(partitions) }
  for (const [name, value] of Object.entries(meta)) await connection.run('INSERT INTO meta VALUES ($name, $value)', { name, value })
  await connection.run(`INSERT INTO as_of SELECT range, NULL, 0, 0, -1, -1, NULL FROM range(${partitions})`)
  await connection.run('COMMIT')
  await connection.run(staging)
  return HistoryFile.of(opened, options, path === IN_MEMORY ? undefined : reason)
}

async function connect(duckdb: DuckDb, path: string): Promise<Opened> {
  const temporary = path === IN_MEMORY ? {} : { temp_directory: `${path}.tmp` }
  const instance = await duckdb.DuckDBInstance.create(path, { ...SETTINGS, ...temporary })
  return { duckdb, instance, connection: await instance.connect() }
}

function disconnect({ connection, instance }: Opened): void {
  connection.closeSync()
  instance.closeSync()
}

/** What the file was made of, if that is not what is expected. */
async function otherIdentity({ duckdb, connection }: Opened, path: string, expected: ReadonlyMap<string, string>): Promise<RebuildReason | undefined> {
  const tables = await rowsOf<{ name: string }>(duckdb, connection, 'SELECT table_name AS name FROM duckdb_tables() WHERE NOT temporary')
  // A crash in the first transaction leaves a file without tables.
  if (tables.length === 0) return 'missing'
  if (!tables.some(({ name }) => name === 'meta') || !tables.some(({ name }) => name === 'as_of')) throw foreignFile(path)
  const stored = new Map((await rowsOf<{ name: string; value: string }>(duckdb, connection, 'FROM meta')).map(({ name, value }) => [name, value]))
  if (stored.get('layout') !== expected.get('layout')) return 'layout'
  return [...expected].every(([name, value]) => stored.get(name) === value) ? undefined : 'identity'
}

function foreignFile(path: string): RondoError {
  return new RondoError('RONDO_DATA_FOREIGN', `The file ${path} is a database of another program. Move it away, or choose another folder for history.`)
}

function removeFile(path: string): void {
  if (path === IN_MEMORY) return
  for (const file of [path, `${path}.wal`]) rmSync(file, { force: true })
}

/** Nothing in it is needed. It is kept, once, so that somebody can look at it; and it may be of another program. */
function moveAside(path: string): void {
  removeFile(`${path}.damaged`)
  renameSync(path, `${path}.damaged`)
  if (existsSync(`${path}.wal`)) renameSync(`${path}.wal`, `${path}.damaged.wal`)
}
