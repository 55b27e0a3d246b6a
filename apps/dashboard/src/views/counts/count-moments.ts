import type { CountsAnswer } from '../../answers/answers.ts'

/** A moment at which the actors of each stage were counted: the beginning of a range, or the end of one of its periods. */
export interface CountMoment {
  readonly at: number
  readonly total: number
  readonly stages: Readonly<Record<string, number>>
  /** Whether the period that ends there has not ended yet. */
  readonly isOpen: boolean
}

/** The beginning of the range and the end of each period. What is to come is left out, and a period that goes on ends now. */
export function countMoments({ items, stages }: Pick<CountsAnswer, 'items' | 'stages'>, now: number): CountMoment[] {
  const [first] = items
  if (first === undefined) return []
  const at = (pick: 'before' | 'after', item: typeof first): Readonly<Record<string, number>> =>
    Object.fromEntries(stages.map(({ id }) => [id, item.stages[id]?.[pick] ?? 0]))
  const before = at('before', first)
  const moments: CountMoment[] = [{ at: Date.parse(first.from), total: sum(before), stages: before, isOpen: false }]
  for (const item of items) {
    if (Date.parse(item.from) >= now) break
    const until = Date.parse(item.until)
    moments.push({ at: Math.min(until, now), total: item.total, stages: at('after', item), isOpen: until >= now })
  }
  return moments
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, value) => total + value, 0)
