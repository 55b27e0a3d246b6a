/** What a case exercises; `retraction` shows only in a fold's outputs, so the comparison adds it. */
export const features = [
  'late by grace',
  'late by bound',
  'duplicate',
  'retraction',
  'run-out',
  'warning',
  'dst',
  'personal',
  'previous',
  'spent',
  'chain',
  'held',
  'out of order',
  'unmatched',
  'other actor',
  'backfill',
] as const
export type Feature = (typeof features)[number]

/** Of these at least one generated case in twenty has each. */
export const requiredFeatures = [
  'late by grace',
  'late by bound',
  'duplicate',
  'retraction',
  'run-out',
  'warning',
  'dst',
  'personal',
  'previous',
  'spent',
  'chain',
] as const satisfies readonly Feature[]
