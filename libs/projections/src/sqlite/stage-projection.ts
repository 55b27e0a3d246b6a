import type { DatabaseSync } from 'node:sqlite'
import { type Actor, type Instant, instantOf, type Output, RondoError } from '#contracts'
import type { StateExtension } from '#event-log'

/**
 * The read models as tables of state.db, kept in the transaction that publishes:
 * `receipts` has a row for each output, and chains those of an actor from `actors.newest` to its first, so that a new output adds to the
 * end of a table and to no index; `actors` says where each is (no stage: every transition was taken back); `stage_counts` is its sum;
 * `folded` says how far.
 */
export const stageProjection: StateExtension = {
  schema: `
    CREATE TABLE actors (
      actor_type TEXT NOT NULL,
      actor_id TEXT NOT NULL,
      stage TEXT,
      since INTEGER,
      newest INTEGER NOT NULL,
      PRIMARY KEY (actor_type, actor_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE receipts ("cursor" INTEGER PRIMARY KEY, previous INTEGER, retracted INTEGER NOT NULL) STRICT;
    CREATE TABLE stage_counts (stage TEXT PRIMARY KEY, actors INTEGER NOT NULL) STRICT;
    CREATE TABLE folded (partition INTEGER PRIMARY KEY, log_time INTEGER) STRICT;`,
  prepare(db) {
    const statements = prepare(db)
    return (partition, step, firstCursor) => {
      const changes = new Map<string, number>()
      for (const [i, output] of step.outputs.entries()) apply(statements, output, firstCursor + i, changes)
      for (const [stage, change] of changes) if (change !== 0) statements.count.run(stage, change)
      statements.putFolded.run(partition, step.logTime === Number.NEGATIVE_INFINITY ? null : step.logTime)
    }
  },
}

type Statements = ReturnType<typeof prepare>
type Changes = Map<string, number>

interface ActorRow {
  readonly stage: string | null
  readonly since: Instant | null
  readonly newest: number
}
type Place = Pick<ActorRow, 'stage' | 'since'>

interface ReceiptRow {
  readonly cursor: number
  readonly previous: number | null
  readonly retracted: number
  readonly output: string
}

function apply(statements: Statements, output: Output, cursor: number, changes: Changes): void {
  const { type, id } = output.actor
  const before = statements.actor.get(type, id) as ActorRow | undefined
  statements.putReceipt.run(cursor, before?.newest ?? null)
  const { stage, since } = placeAfter(statements, output, before)
  if (before === undefined) statements.insertActor.run(type, id, stage, since, cursor)
  else statements.updateActor.run(stage, since, cursor, type, id)
  count(changes, before?.stage, -1)
  count(changes, stage, 1)
}

/** Counting by where an actor was before, not by `from`, is what makes the counts always add up. */
function count(changes: Changes, stage: string | null | undefined, by: number): void {
  if (stage !== null && stage !== undefined) changes.set(stage, (changes.get(stage) ?? 0) + by)
}

const NOWHERE: Place = { stage: null, since: null }

function placeAfter(statements: Statements, output: Output, before: ActorRow | undefined): Place {
  if (output.kind === 'retraction') return takeBack(statements, output, before)
  if (output.kind === 'notice') return before ?? NOWHERE
  return { stage: output.to, since: instantOf(output.at) }
}

/** What is taken back is among the newest: the search runs from the actor's end. */
function takeBack(statements: Statements, { actor, id, retracts }: Output, before: ActorRow | undefined): Place {
  let taken: Output | undefined
  for (const { cursor, output: text } of standing(statements, before?.newest)) {
    const output = JSON.parse(text) as Output
    if (output.id === retracts) {
      statements.retract.run(cursor)
      if (output.kind === 'notice') return before ?? NOWHERE
      taken = output
    } else if (taken !== undefined && isTransition(output)) return { stage: output.to, since: instantOf(output.at) }
  }
  if (taken === undefined) throw notInEffect(actor, id, retracts)
  return NOWHERE
}

const isTransition = ({ kind }: Output): boolean => kind !== 'notice' && kind !== 'retraction'

function* standing(statements: Statements, newest: number | undefined): Generator<ReceiptRow> {
  for (let at: number | null | undefined = newest; typeof at === 'number'; ) {
    const row = statements.receipt.get(at) as unknown as ReceiptRow | undefined
    if (row === undefined) return
    if (row.retracted === 0) yield row
    at = row.previous
  }
}

function notInEffect({ type, id }: Actor, retraction: string, retracts: string | undefined): RondoError {
  return new RondoError('RONDO_INTERNAL', `The retraction ${retraction} of ${type} ${id} takes back ${retracts}, which is not in effect. Please report it.`)
}

function prepare(db: DatabaseSync) {
  const ofActor = 'actor_type = ? AND actor_id = ?'
  return {
    actor: db.prepare(`SELECT stage, since, newest FROM actors WHERE ${ofActor}`),
    insertActor: db.prepare('INSERT INTO actors (actor_type, actor_id, stage, since, newest) VALUES (?, ?, ?, ?, ?)'),
    updateActor: db.prepare(`UPDATE actors SET stage = ?, since = ?, newest = ? WHERE ${ofActor}`),
    putReceipt: db.prepare('INSERT INTO receipts ("cursor", previous, retracted) VALUES (?, ?, 0)'),
    receipt: db.prepare('SELECT "cursor", previous, retracted, output FROM receipts JOIN outputs USING ("cursor") WHERE "cursor" = ?'),
    retract: db.prepare('UPDATE receipts SET retracted = 1 WHERE "cursor" = ?'),
    count: db.prepare('INSERT INTO stage_counts (stage, actors) VALUES (?, ?) ON CONFLICT DO UPDATE SET actors = actors + excluded.actors'),
    putFolded: db.prepare('INSERT INTO folded (partition, log_time) VALUES (?, ?) ON CONFLICT DO UPDATE SET log_time = excluded.log_time'),
  }
}
