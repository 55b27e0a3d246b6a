import type { DatabaseSync } from 'node:sqlite'
import { type Actor, type Instant, instantOf, type Output, RondoError } from '#contracts'
import type { StateExtension } from '#event-log'

/**
 * The read models as tables of state.db, kept in the transaction that publishes:
 * `effective` holds the transitions (with the stage they led to) and notices (without) that have not been retracted, so that an actor's
 * last transition is found again when a later one is taken back; `actors` and `stage_counts` are its sums; `folded` says how far.
 */
export const stageProjection: StateExtension = {
  schema: `
    CREATE TABLE effective (
      actor_type TEXT NOT NULL,
      actor_id TEXT NOT NULL,
      seq INTEGER NOT NULL,
      output_id TEXT NOT NULL,
      stage TEXT,
      at INTEGER NOT NULL,
      PRIMARY KEY (actor_type, actor_id, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE actors (
      actor_type TEXT NOT NULL,
      actor_id TEXT NOT NULL,
      stage TEXT NOT NULL,
      since INTEGER NOT NULL,
      PRIMARY KEY (actor_type, actor_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE stage_counts (stage TEXT PRIMARY KEY, actors INTEGER NOT NULL) STRICT;
    CREATE TABLE folded (partition INTEGER PRIMARY KEY, log_time INTEGER) STRICT;`,
  prepare(db) {
    const statements = prepare(db)
    return (partition, step) => {
      const changes = new Map<string, number>()
      for (const output of step.outputs) apply(statements, output, changes)
      for (const [stage, change] of changes) if (change !== 0) statements.count.run(stage, change)
      statements.putFolded.run(partition, step.logTime === Number.NEGATIVE_INFINITY ? null : step.logTime)
    }
  },
}

type Statements = ReturnType<typeof prepare>
type Changes = Map<string, number>

function apply(statements: Statements, output: Output, changes: Changes): void {
  const { actor, kind, seq, id, to } = output
  if (kind === 'retraction') {
    takeBack(statements, output, changes)
    return
  }
  const at = instantOf(output.at)
  statements.putEffective.run(actor.type, actor.id, seq, id, kind === 'notice' ? null : to, at)
  if (kind !== 'notice') move(statements, actor, { stage: to, since: at }, changes)
}

function takeBack(statements: Statements, { actor, id, retracts }: Output, changes: Changes): void {
  const taken = statements.takeEffective.get(actor.type, actor.id, retracts ?? '') as { stage: string | null } | undefined
  if (taken === undefined) {
    throw new RondoError(
      'RONDO_INTERNAL',
      `The retraction ${id} of ${actor.type} ${actor.id} takes back ${retracts}, which is not in effect. Please report it.`,
    )
  }
  if (taken.stage === null) return
  const last = statements.lastTransition.get(actor.type, actor.id) as { stage: string; since: Instant } | undefined
  move(statements, actor, last, changes)
}

/** Puts an actor where it now is, if anywhere. Counting by where it was before, not by `from`, is what makes the counts always add up. */
function move(statements: Statements, { type, id }: Actor, present: { stage: string; since: Instant } | undefined, changes: Changes): void {
  const before = statements.stage.get(type, id)?.['stage'] as string | undefined
  if (before !== undefined) changes.set(before, (changes.get(before) ?? 0) - 1)
  if (present === undefined) {
    statements.removeActor.run(type, id)
    return
  }
  changes.set(present.stage, (changes.get(present.stage) ?? 0) + 1)
  statements.putActor.run(type, id, present.stage, present.since)
}

function prepare(db: DatabaseSync) {
  const ofActor = 'actor_type = ? AND actor_id = ?'
  return {
    putEffective: db.prepare('INSERT INTO effective (actor_type, actor_id, seq, output_id, stage, at) VALUES (?, ?, ?, ?, ?, ?)'),
    // What is taken back is among the newest: the search runs from the actor's end.
    takeEffective: db.prepare(`DELETE FROM effective WHERE actor_type = ?1 AND actor_id = ?2 AND seq =
      (SELECT seq FROM effective WHERE actor_type = ?1 AND actor_id = ?2 AND output_id = ?3 ORDER BY seq DESC LIMIT 1) RETURNING stage`),
    lastTransition: db.prepare(`SELECT stage, at AS since FROM effective WHERE ${ofActor} AND stage IS NOT NULL ORDER BY seq DESC LIMIT 1`),
    stage: db.prepare(`SELECT stage FROM actors WHERE ${ofActor}`),
    putActor: db.prepare(`INSERT INTO actors (actor_type, actor_id, stage, since) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET stage = excluded.stage, since = excluded.since`),
    removeActor: db.prepare(`DELETE FROM actors WHERE ${ofActor}`),
    count: db.prepare('INSERT INTO stage_counts (stage, actors) VALUES (?, ?) ON CONFLICT DO UPDATE SET actors = actors + excluded.actors'),
    putFolded: db.prepare('INSERT INTO folded (partition, log_time) VALUES (?, ?) ON CONFLICT DO UPDATE SET log_time = excluded.log_time'),
  }
}
