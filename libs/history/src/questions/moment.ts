import type { Instant } from '#contracts'

/** As of when a question is asked. */
export interface Moment {
  /** Only what happened before it counts, so that the moment at which a period ends has what the period has led to; undefined: all that is known. */
  readonly at?: Instant | undefined
  /** Only what was known at this log time counts: noticed by then, and not yet retracted; undefined: what is known now. */
  readonly knownAt?: Instant | undefined
}

/** The condition of SQL that a row of `transitions` was in effect in what was known at a moment. */
function inEffect({ at, knownAt }: Moment): string {
  const happened = at === undefined ? 'TRUE' : `"at" < ${exact(at)}`
  if (knownAt === undefined) return `${happened} AND retracted_at IS NULL`
  const known = exact(knownAt)
  return `${happened} AND noticed_at <= ${known} AND (retracted_at IS NULL OR retracted_at > ${known})`
}

/**
 * A relation of SQL: the stage in which each actor stood at a moment, and since when (actor, seq, stage, since).
 * With `knownAt` most actors stand where they stand by what is known now. Only those of whom something was noticed or retracted later are computed from
 * their transitions.
 */
export function standing(moment: Moment): string {
  const { at, knownAt } = moment
  if (knownAt === undefined) return `(SELECT actor, seq, stage, entered_at AS since FROM stays WHERE ${staying(at)})`
  // Nothing is noticed before it happened, so nothing later than this was known.
  const until = Math.min(at ?? Number.POSITIVE_INFINITY, knownAt + 1)
  const known = exact(knownAt)
  return `(
    WITH later AS (
      SELECT DISTINCT actor FROM transitions WHERE kind <> 'notice' AND "at" < ${exact(until)} AND (noticed_at > ${known} OR retracted_at > ${known})
    )
    SELECT actor, seq, stage, entered_at AS since FROM stays ANTI JOIN later USING (actor) WHERE ${staying(until)}
    UNION ALL
    SELECT actor, max(seq) AS seq, arg_max(to_stage, seq) AS stage, arg_max("at", seq) AS since FROM transitions SEMI JOIN later USING (actor)
    WHERE kind <> 'notice' AND ${inEffect({ at: until, knownAt })} GROUP BY actor
  )`
}

function staying(at: Instant | undefined): string {
  return at === undefined ? 'left_at IS NULL' : `entered_at < ${exact(at)} AND (left_at IS NULL OR left_at >= ${exact(at)})`
}

/** An instant as a number of SQL. BigInt refuses what is no whole number. */
const exact = (at: Instant): string => String(BigInt(at))
