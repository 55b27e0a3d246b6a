import type { DatabaseSync } from 'node:sqlite'
import { type Actor, type Instant, instantOf, type Output, RondoError } from '#contracts'
import type { StateExtension } from '#event-log'
import { FlowChanges } from './flow-changes.ts'

/**
 * The read models as tables of state.db, kept in the transaction that publishes:
 * `receipts` has a row for each output, and chains those of an actor from `actors.newest` to its first, so that a new output adds to the
 * end of a table and to no index; `actors` says where each is (no stage: every transition was taken back), and lists each stage by time of
 * entry; `stage_counts` is its sum; `flows` counts effective transitions by the hour of their `at`; `folded` says how far.
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
    CREATE INDEX actors_by_stage ON actors (stage, since, actor_type, actor_id);
    CREATE TABLE receipts ("cursor" INTEGER PRIMARY KEY, previous INTEGER, retracted INTEGER NOT NULL) STRICT;
    CREATE TABLE stage_counts (stage TEXT PRIMARY KEY, actors INTEGER NOT NULL) STRICT;
    CREATE TABLE flows (
      hour INTEGER NOT NULL,
      kind TEXT NOT NULL,
      from_stage TEXT NOT NULL,
      to_stage TEXT NOT NULL,
      transitions INTEGER NOT NULL,
      PRIMARY KEY (hour, kind, from_stage, to_stage)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE folded (partition INTEGER PRIMARY KEY, log_time INTEGER) STRICT;`,
  prepare(db, outputAt) {
    const statements = { ...prepare(db), outputAt }
    return (partition, step, firstCursor) => {
      const changes: Changes = { stages: new Map(), flows: new FlowChanges() }
      for (const [i, output] of step.outputs.entries()) apply(statements, output, firstCursor + i, changes)
      for (const [stage, change] of changes.stages) if (change !== 0) statements.count.run(stage, change)
      for (const { hour, kind, from, to, transitions } of changes.flows) if (transitions !== 0) statements.flow.run(hour, kind, from, to, transitions)
      statements.putFolded.run(partition, step.logTime === Number.NEGATIVE_INFINITY ? null : step.logTime)
    }
  },
}

type Statements = ReturnType<typeof prepare> & { readonly outputAt: (cursor: number) => string }

/** What a step changes in the sums, so that each of them is written once. */
interface Changes {
  readonly stages: Map<string, number>
  readonly flows: FlowChanges
}

interface ActorRow {
  readonly stage: string | null
  readonly since: Instant | null
  readonly newest: number
}
type Place = Pick<ActorRow, 'stage' | 'since'>

interface ReceiptRow {
  readonly previous: number | null
  readonly retracted: number
}

function apply(statements: Statements, output: Output, cursor: number, changes: Changes): void {
  const { type, id } = output.actor
  const before = statements.actor.get(type, id) as ActorRow | undefined
  statements.putReceipt.run(cursor, before?.newest ?? null)
  const { stage, since } = placeAfter(statements, output, before, changes)
  if (before === undefined) statements.insertActor.run(type, id, stage, since, cursor)
  else statements.updateActor.run(stage, since, cursor, type, id)
  count(changes.stages, before?.stage, -1)
  count(changes.stages, stage, 1)
}

/** Counting by where an actor was before, not by `from`, is what makes the counts always add up. */
function count(stages: Changes['stages'], stage: string | null | undefined, by: number): void {
  if (stage !== null && stage !== undefined) stages.set(stage, (stages.get(stage) ?? 0) + by)
}

const NOWHERE: Place = { stage: null, since: null }

function placeAfter(statements: Statements, output: Output, before: ActorRow | undefined, changes: Changes): Place {
  if (output.kind === 'retraction') return takeBack(statements, output, before, changes)
  if (output.kind === 'notice') return before ?? NOWHERE
  changes.flows.add(output, 1)
  return { stage: output.to, since: instantOf(output.at) }
}

/** What is taken back is among the newest: the search runs from the actor's end. */
function takeBack(statements: Statements, { actor, id, retracts }: Output, before: ActorRow | undefined, changes: Changes): Place {
  let taken: Output | undefined
  for (const cursor of standing(statements, before?.newest)) {
    const output = JSON.parse(statements.outputAt(cursor)) as Output
    if (output.id === retracts) {
      statements.retract.run(cursor)
      if (output.kind === 'notice') return before ?? NOWHERE
      changes.flows.add(output, -1)
      taken = output
    } else if (taken !== undefined && isTransition(output)) return { stage: output.to, since: instantOf(output.at) }
  }
  if (taken === undefined) throw notInEffect(actor, id, retracts)
  return NOWHERE
}

const isTransition = ({ kind }: Output): boolean => kind !== 'notice' && kind !== 'retraction'

function* standing(statements: Statements, newest: number | undefined): Generator<number> {
  for (let at: number | null | undefined = newest; typeof at === 'number'; ) {
    const row = statements.receipt.get(at) as unknown as ReceiptRow | undefined
    if (row === undefined) return
    if (row.retracted === 0) yield at
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
    receipt: db.prepare('SELECT previous, retracted FROM receipts WHERE "cursor" = ?'),
    retract: db.prepare('UPDATE receipts SET retracted = 1 WHERE "cursor" = ?'),
    count: db.prepare('INSERT INTO stage_counts (stage, actors) VALUES (?, ?) ON CONFLICT DO UPDATE SET actors = actors + excluded.actors'),
    flow: db.prepare(`INSERT INTO flows (hour, kind, from_stage, to_stage, transitions) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET transitions = transitions + excluded.transitions`),
    putFolded: db.prepare('INSERT INTO folded (partition, log_time) VALUES (?, ?) ON CONFLICT DO UPDATE SET log_time = excluded.log_time'),
  }
}
