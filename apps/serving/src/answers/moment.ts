import { formatInstant, type Instant, instantSchema } from '#contracts'
import { timeParameter, whereParameter } from './query.ts'

/** Parameters that say as of when, and of whom. */
export const momentParameters = {
  at: timeParameter.optional(),
  'known-at': timeParameter.optional(),
  where: whereParameter,
}

/** Whether a query is about another moment than now, or about some actors alone: then history answers. */
export const needsHistory = (query: unknown): boolean => ['at', 'known-at', 'where', 'source'].some((name) => name in (query as object))

/** As of when an answer is. */
export const momentHead = {
  at: instantSchema.nullable().meta({ description: 'what had happened before this time; null: all that is known' }),
  knownAt: instantSchema.nullable().meta({ description: 'what was known at this log time; null: what is known now' }),
}

/** As of when an answer is, for its head. */
export const momentOf = ({ at, knownAt }: { readonly at?: Instant | undefined; readonly knownAt?: Instant | undefined }) => ({
  at: textOf(at),
  knownAt: textOf(knownAt),
})

const textOf = (at: Instant | undefined): string | null => (at === undefined ? null : formatInstant(at))
