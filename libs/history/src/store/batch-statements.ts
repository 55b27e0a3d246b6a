/** The statements that apply what is staged. All of them see one state of history, in the transaction of the batch. */

/** Rows of outputs, with their words. */
export const insertTransitions = `
INSERT INTO transitions
SELECT actor, seq::BIGINT, kind, from_stage, to_stage, rule, cause, "at"::BIGINT, noticed_at::BIGINT, dwell_ms::BIGINT, origin, retracted_at::BIGINT
FROM staged_outputs JOIN staged_paths USING (path)`

/** The stored outputs that a retraction may mean: of the same actor, at the same time, in effect. */
export const retractable = `
SELECT number, seq FROM transitions t JOIN staged_retractions s ON t.actor = s.actor AND t."at" = s."at"::BIGINT
WHERE retracted_at IS NULL`

export const retract = `
UPDATE transitions SET retracted_at = s.retracted_at::BIGINT FROM staged_corrections s
WHERE transitions.actor = s.actor AND transitions.seq = s.seq::BIGINT`

/**
 * The stays of the actors that have moved: each transition in effect ends the stay before it, and begins one. Of an actor without a correction that is the
 * running stay and what the batch adds; of one with a correction, everything in effect.
 */
export const moveActors = `
CREATE OR REPLACE TEMP TABLE staged_stays AS
WITH moves AS (
  SELECT actor, seq::BIGINT AS seq, to_stage AS stage, "at"::BIGINT AS entered_at, kind, cause
  FROM staged_outputs JOIN staged_paths USING (path)
  WHERE kind <> 'notice' AND retracted_at IS NULL AND actor NOT IN (SELECT actor FROM staged_corrections)
), entries AS (
  SELECT actor, seq, stage, entered_at, NULL AS kind, NULL AS cause FROM running_stays WHERE actor IN (SELECT actor FROM moves)
  UNION ALL SELECT actor, seq, stage, entered_at, kind, cause FROM moves
  UNION ALL SELECT actor, seq, to_stage, "at", kind, cause FROM transitions
  WHERE kind <> 'notice' AND retracted_at IS NULL AND actor IN (SELECT actor FROM staged_corrections)
)
SELECT actor, seq, stage, entered_at, lead(entered_at) OVER entries_of_actor AS left_at, lead(stage) OVER entries_of_actor AS next_stage,
  lead(kind) OVER entries_of_actor AS exit_kind, lead(cause) OVER entries_of_actor AS exit_cause
FROM entries WINDOW entries_of_actor AS (PARTITION BY actor ORDER BY seq)`

export const removeCorrectedStays = `DELETE FROM ended_stays WHERE actor IN (SELECT actor FROM staged_corrections)`

export const removeRunningStays = `
DELETE FROM running_stays WHERE actor IN (SELECT actor FROM staged_stays UNION ALL SELECT actor FROM staged_corrections)`

export const insertEndedStays = 'INSERT INTO ended_stays SELECT * FROM staged_stays WHERE left_at IS NOT NULL'

export const insertRunningStays = 'INSERT INTO running_stays SELECT actor, seq, stage, entered_at FROM staged_stays WHERE left_at IS NULL'

/** The bounds let DuckDB leave out most of the table: what comes is new, or from one part of the past. */
export const insertActive = (from: number, to: number): string => `
INSERT INTO active SELECT DISTINCT actor, slot FROM staged_active
ANTI JOIN (SELECT actor, slot FROM active WHERE slot BETWEEN ${from} AND ${to}) known USING (actor, slot)`

/** Values of events that are older than the stored one are not newer. */
export const dropOlderTraits = `
DELETE FROM staged_traits WHERE EXISTS (
  SELECT 1 FROM newest_traits n WHERE n.actor = staged_traits.actor AND n.name = staged_traits.name AND n.since > staged_traits.since)`

export const removeReplacedTraits = `
DELETE FROM newest_traits WHERE EXISTS (
  SELECT 1 FROM staged_traits s WHERE s.actor = newest_traits.actor AND s.name = newest_traits.name)`

export const insertTraits = 'INSERT INTO newest_traits SELECT actor, name, value, since::BIGINT FROM staged_traits'
