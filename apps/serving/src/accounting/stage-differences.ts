import type { Instant } from '#contracts'
import type { StageAccounts } from '#projections'

/** Entries and exits of a stage in a range of time, and its actors before and after it. */
export interface StageChange {
  readonly before: number
  readonly entered: number
  readonly left: number
  readonly after: number
}

/** What does not add up. */
export interface Difference {
  /** `flows`: what entered and left does not give the count. `list`: the listing of the stage has another length. `history`: history has other numbers. */
  readonly check: 'flows' | 'list' | 'history'
  readonly stage: string
  /** Minus infinity: since the beginning. */
  readonly from: Instant
  readonly until: Instant
  /** What the counts and flows say; with `list` only `after` has a meaning. */
  readonly live: StageChange
  /** The number that was to be found instead, and by how much that in `live` is greater. */
  readonly expected: number
  readonly difference: number
}

/** Where counts, listings and flows since the beginning do not agree. */
export function stageDifferences({ asOf, stages }: StageAccounts): Difference[] {
  return [...stages].flatMap(([stage, { counted, listed, entered, left }]) => {
    const range = { stage, from: Number.NEGATIVE_INFINITY, until: asOf, live: { before: 0, entered, left, after: counted } }
    const all: Difference[] = [
      { check: 'flows', ...range, expected: entered - left, difference: counted - (entered - left) },
      { check: 'list', ...range, expected: listed, difference: counted - listed },
    ]
    return all.filter(({ difference }) => difference !== 0)
  })
}
