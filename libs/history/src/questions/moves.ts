import type { Instant } from '#contracts'
import type { HistoryReader } from '../history-reader.ts'
import { literal } from './sql-text.ts'
import { matching, type TraitFilter } from './trait-filter.ts'

/** A transition in effect. */
export interface Move {
  readonly type: string
  readonly id: string
  readonly seq: number
  readonly kind: string
  /** Null: from no stage. */
  readonly from: string | null
  readonly to: string
  readonly cause: string
  readonly at: Instant
  readonly noticedAt: Instant
}

/** Which transitions {@link movesOf} lists; what is not given is not asked for. */
export interface MovesQuestion {
  readonly kind?: string | undefined
  /** The stage left; null: from no stage. */
  readonly from?: string | null | undefined
  readonly to?: string | undefined
  readonly cause?: string | undefined
  /** When it became true: at or after `since`, and before `until`. */
  readonly since?: Instant | undefined
  readonly until?: Instant | undefined
  readonly where?: readonly TraitFilter[] | undefined
  /** The last one of the part before. */
  readonly after?: Pick<Move, 'noticedAt' | 'type' | 'id' | 'seq'> | undefined
  readonly limit: number
}

/** Transitions in effect, those noticed last first; of one instant by the type and id of the actor, and by `seq`. */
export async function movesOf(reader: HistoryReader, question: MovesQuestion): Promise<Move[]> {
  const { after, limit } = question
  const rest = after === undefined ? 'TRUE' : 'noticed_at <= $noticedAt AND (noticed_at < $noticedAt OR (type, id, seq) > ($type, $id, $seq))'
  // The rows of the cursor's instant come first, and the part ends among these. Older rows need no ids of actors, which is most of the cost.
  const older = after === undefined ? 'TRUE' : 'noticed_at < $noticedAt'
  const { noticedAt = null, type = null, id = null, seq = null } = after ?? {}
  return await reader.rows<Move>(
    `WITH newest AS (SELECT noticed_at FROM transitions WHERE ${selected(question)} AND ${older} ORDER BY noticed_at DESC LIMIT ${limit})
    SELECT type, id, seq, kind, from_stage AS "from", to_stage AS "to", cause, "at", noticed_at AS "noticedAt" FROM transitions JOIN actors USING (actor)
    WHERE ${selected(question)} AND noticed_at >= coalesce((SELECT min(noticed_at) FROM newest), noticed_at) AND ${rest} ORDER BY noticed_at DESC, type, id, seq LIMIT ${limit}`,
    after === undefined ? undefined : { noticedAt, type, id, seq },
  )
}

/** How many transitions {@link movesOf} lists in all. */
export async function countMoves(reader: HistoryReader, question: Omit<MovesQuestion, 'after' | 'limit'>): Promise<number> {
  const [row] = await reader.rows<{ moves: number }>(`SELECT count(*) AS moves FROM transitions WHERE ${selected(question)}`)
  return row?.moves ?? 0
}

function selected({ kind, from, to, cause, since, until, where }: Omit<MovesQuestion, 'after' | 'limit'>): string {
  const equal = (column: string, value: string | null | undefined): string[] => {
    if (value === undefined) return []
    return [value === null ? `${column} IS NULL` : `${column} = ${literal(value)}`]
  }
  return [
    "kind <> 'notice'",
    'retracted_at IS NULL',
    ...equal('kind', kind),
    ...equal('from_stage', from),
    ...equal('to_stage', to),
    ...equal('cause', cause),
    ...(since === undefined ? [] : [`"at" >= ${since}`]),
    ...(until === undefined ? [] : [`"at" < ${until}`]),
    matching(where),
  ].join(' AND ')
}
