/** One line of the table: what was measured, over several runs. */
export interface Figure {
  readonly what: string
  readonly unit: string
  readonly samples: readonly number[]
  /** The target in docs/reference/benchmarks.md. The best run counts, since the machine may have had other work; a worst case counts by its median. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number }
}

/** A set of cases. Each case runs in its own process, so that it does not share the heap or the compiled code of another case. */
export type Bench = Readonly<Record<string, () => Figure[] | Promise<Figure[]>>>

/** Whether a figure is worse than its target. */
export function missed({ samples, target }: Figure): boolean {
  if (target === undefined) return false
  return 'atLeast' in target ? Math.max(...samples) < target.atLeast : medianOf(samples) > target.atMost
}

/** The middle one of some samples. */
export function medianOf(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** The quantile by the nearest rank. */
export function quantileOf(samples: readonly number[], quantile: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? Number.NaN
}
