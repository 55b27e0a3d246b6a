/**
 * Raised when tables or what they mean change: a file with another version is made again. 2: files of before may have taken an actor whose id begins with
 * U+FEFF for the one without.
 */
export const LAYOUT_VERSION = 2

/**
 * The relations that questions read, and two tables beneath them. `transitions` grows at its end; of an ended stay all is known, so `ended_stays` only
 * changes at its end too, except after a correction; `running_stays` has a row for each actor.
 */
export const layout = `
CREATE TABLE meta (name VARCHAR, value VARCHAR);
CREATE TABLE as_of (
  "partition" INTEGER, log_time BIGINT, feed_after BIGINT, late_after BIGINT, log_offset BIGINT, log_index INTEGER, recall VARCHAR
);
CREATE TABLE actors (actor INTEGER, type VARCHAR, id VARCHAR);
CREATE TABLE transitions (
  actor INTEGER, seq BIGINT, kind VARCHAR, from_stage VARCHAR, to_stage VARCHAR, rule VARCHAR, cause VARCHAR,
  "at" BIGINT, noticed_at BIGINT, dwell_ms BIGINT, origin VARCHAR, retracted_at BIGINT
);
CREATE TABLE ended_stays (
  actor INTEGER, seq BIGINT, stage VARCHAR, entered_at BIGINT, left_at BIGINT, next_stage VARCHAR, exit_kind VARCHAR, exit_cause VARCHAR
);
CREATE TABLE running_stays (actor INTEGER, seq BIGINT, stage VARCHAR, entered_at BIGINT);
CREATE VIEW stays AS
  SELECT actor, seq, stage, entered_at, left_at, next_stage, exit_kind, exit_cause FROM ended_stays
  UNION ALL SELECT actor, seq, stage, entered_at, NULL, NULL, NULL, NULL FROM running_stays;
CREATE TABLE active (actor INTEGER, slot INTEGER);
CREATE TABLE newest_traits (actor INTEGER, name VARCHAR, value VARCHAR, since BIGINT);
CREATE VIEW traits AS SELECT actor, name, value, since FROM newest_traits WHERE value IS NOT NULL;
`

/** What a batch is put into before it is applied, in memory. */
export const staging = `
CREATE TEMP TABLE staged_ids (id VARCHAR);
CREATE TEMP TABLE staged_actors (actor INTEGER, id VARCHAR);
CREATE TEMP TABLE staged_paths (
  path INTEGER, kind VARCHAR, from_stage VARCHAR, to_stage VARCHAR, rule VARCHAR, cause VARCHAR, origin VARCHAR
);
CREATE TEMP TABLE staged_outputs (
  actor INTEGER, seq DOUBLE, path INTEGER, "at" DOUBLE, noticed_at DOUBLE, dwell_ms DOUBLE, retracted_at DOUBLE
);
CREATE TEMP TABLE staged_retractions (actor INTEGER, "at" DOUBLE, number INTEGER);
CREATE TEMP TABLE staged_corrections (actor INTEGER, seq DOUBLE, retracted_at DOUBLE);
CREATE TEMP TABLE staged_active (actor INTEGER, slot INTEGER);
CREATE TEMP TABLE staged_traits (actor INTEGER, name VARCHAR, value VARCHAR, since DOUBLE);
`
