import type { StageAccount } from './read-models.ts'

/** Where every actor is before its first transition: no stage. */
const START = 'start'

/** Adds up what the read models say of each stage. */
export class AccountSums {
  readonly #sums = new Map<string, Record<keyof StageAccount, number>>()

  add(stage: string, part: keyof StageAccount, actors: number): void {
    if (stage === START || actors === 0) return
    const sums = this.#sums.get(stage) ?? { counted: 0, listed: 0, entered: 0, left: 0 }
    sums[part] += actors
    this.#sums.set(stage, sums)
  }

  /** By id, in its order. */
  get stages(): ReadonlyMap<string, StageAccount> {
    return new Map([...this.#sums].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}
