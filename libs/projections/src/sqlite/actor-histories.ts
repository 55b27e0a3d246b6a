import { type Actor, type Instant, type Output, RondoError } from '#contracts'
import type { StateTables, StoredOutputs } from '#event-log'
import { type Change, changeOf, isTransition, stageAfter } from '../change.ts'
import type { ActorStage } from '../read-models.ts'

/** A row of `actors`: see {@link ActorHistories}. */
interface ActorRow {
  readonly stage: string | null
  readonly since: Instant | null
  readonly newest: number
}

/** A row of `receipts`. */
interface ReceiptRow {
  readonly previous: number | null
  readonly retracted: number
}

/**
 * The histories of all actors, from which the other models are made:
 * - `receipts` has a row for each output. The rows of an actor are linked from `actors.newest` back to its first, so that a new output is
 *   added at the end of the table, without an index.
 * - `actors` has the stage of each actor; null if every transition was retracted.
 * - `folded` has the log time of each partition.
 */
export class ActorHistories {
  static readonly objects = ['actors', 'receipts']
  static readonly schema = `
    CREATE TABLE actors (
      actor_type TEXT NOT NULL,
      actor_id TEXT NOT NULL,
      stage TEXT,
      since INTEGER,
      newest INTEGER NOT NULL,
      PRIMARY KEY (actor_type, actor_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE receipts ("cursor" INTEGER PRIMARY KEY, previous INTEGER, retracted INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS folded (partition INTEGER PRIMARY KEY, log_time INTEGER) STRICT`

  readonly #outputs: StoredOutputs
  readonly #statements: ReturnType<typeof prepare>

  constructor(tables: StateTables, outputs: StoredOutputs) {
    this.#outputs = outputs
    this.#statements = prepare(tables)
  }

  /** Adds the next output of the feed. */
  add(output: Output, cursor: number): Change {
    const { type, id } = output.actor
    const row = this.#statements.actor.get(type, id) as ActorRow | undefined
    this.#statements.putReceipt.run(cursor, row?.newest ?? null)
    const change = this.#changeBy(output, stageOf(row), row?.newest)
    const { stage, since } = change.after ?? NO_STAGE
    if (row === undefined) this.#statements.insertActor.run(type, id, stage, since, cursor)
    else this.#statements.updateActor.run(stage, since, cursor, type, id)
    return change
  }

  /** The change that an earlier output of any age made. */
  changeAt(output: Output, cursor: number): Change {
    return changeOf(output, this.#before(cursor))
  }

  /** Stores the log time of a partition. */
  putLogTime(partition: number, logTime: Instant): void {
    this.#statements.putFolded.run(partition, logTime === Number.NEGATIVE_INFINITY ? null : logTime)
  }

  #changeBy(output: Output, before: ActorStage | undefined, newest: number | undefined): Change {
    if (output.kind === 'notice') return { output, before, after: before, counted: undefined, by: 1 }
    if (output.kind !== 'retraction') return { output, before, after: stageAfter(output), counted: output, by: 1 }
    return this.#takeBack(output, before, newest)
  }

  /** Applies a retraction. The retracted output is one of the newest, so the search begins at the newest. */
  #takeBack(output: Output, before: ActorStage | undefined, newest: number | undefined): Change {
    let retracted: Output | undefined
    for (const cursor of this.#inEffect(newest)) {
      const other = JSON.parse(this.#outputs.at(cursor)) as Output
      if (other.id === output.retracts) {
        this.#statements.retract.run(cursor)
        if (other.kind === 'notice') return { output, before, after: before, counted: undefined, by: -1 }
        retracted = other
      } else if (retracted !== undefined && isTransition(other)) return { output, before, after: stageAfter(other), counted: retracted, by: -1 }
    }
    if (retracted === undefined) throw notInEffect(output.actor, output)
    return { output, before, after: undefined, counted: retracted, by: -1 }
  }

  *#inEffect(newest: number | undefined): Generator<number> {
    for (let at: number | null | undefined = newest; typeof at === 'number'; ) {
      const row = this.#receipt(at)
      if (row === undefined) return
      if (row.retracted === 0) yield at
      at = row.previous
    }
  }

  *#before(cursor: number): Generator<Output> {
    for (let at = this.#receipt(cursor)?.previous; typeof at === 'number'; at = this.#receipt(at)?.previous) yield JSON.parse(this.#outputs.at(at)) as Output
  }

  #receipt(cursor: number): ReceiptRow | undefined {
    return this.#statements.receipt.get(cursor) as ReceiptRow | undefined
  }
}

const NO_STAGE = { stage: null, since: null }

function stageOf(row: ActorRow | undefined): ActorStage | undefined {
  return row === undefined || row.stage === null || row.since === null ? undefined : { stage: row.stage, since: row.since }
}

function notInEffect({ type, id }: Actor, { id: retraction, retracts }: Output): RondoError {
  return new RondoError('RONDO_INTERNAL', `The retraction ${retraction} of ${type} ${id} takes back ${retracts}, which is not in effect. Please report it.`)
}

function prepare(tables: StateTables) {
  const ofActor = 'actor_type = ? AND actor_id = ?'
  return {
    actor: tables.prepare(`SELECT stage, since, newest FROM actors WHERE ${ofActor}`),
    insertActor: tables.prepare('INSERT INTO actors (actor_type, actor_id, stage, since, newest) VALUES (?, ?, ?, ?, ?)'),
    updateActor: tables.prepare(`UPDATE actors SET stage = ?, since = ?, newest = ? WHERE ${ofActor}`),
    putReceipt: tables.prepare('INSERT INTO receipts ("cursor", previous, retracted) VALUES (?, ?, 0)'),
    receipt: tables.prepare('SELECT previous, retracted FROM receipts WHERE "cursor" = ?'),
    retract: tables.prepare('UPDATE receipts SET retracted = 1 WHERE "cursor" = ?'),
    putFolded: tables.prepare('INSERT INTO folded (partition, log_time) VALUES (?, ?) ON CONFLICT DO UPDATE SET log_time = excluded.log_time'),
  }
}
