/** Features that a case exercises. `retraction` is visible only in the outputs of a fold, so the comparison adds it. */
const features = [
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
  'visited stage',
  'same instant',
  'out of order',
  'unmatched',
  'other actor',
  'not addressed',
  'backfill',
  'average',
  'min',
  'max',
] as const
export type Feature = (typeof features)[number]

/** At least 5 % of the generated cases have each of these features. */
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
  'same instant',
] as const satisfies readonly Feature[]

/** Kinds of measures that rules compare with numbers. At least 3 % of the cases of `generators('all')` have each of them. */
export const kindFeatures = ['average', 'min', 'max'] as const satisfies readonly Feature[]

/** The share of cases with each feature, to check that the generators reach all of them. */
export class FeatureShares {
  private cases = 0
  private readonly counts = new Map<Feature, number>()

  add(found: ReadonlySet<Feature>): void {
    this.cases += 1
    for (const feature of found) this.counts.set(feature, (this.counts.get(feature) ?? 0) + 1)
  }

  shareOf(feature: Feature): number {
    return (this.counts.get(feature) ?? 0) / this.cases
  }

  /** One line: the number of cases, then each feature with its percentage. */
  toString(): string {
    return `${this.cases} cases: ${features.map((feature) => `${feature} ${(100 * this.shareOf(feature)).toFixed(1)} %`).join(', ')}`
  }
}
