/** Actors that were active for the first time in one period, and how many of them were active in each of the periods from it on. */
export interface Cohort {
  readonly size: number
  /** The first is all of them. */
  readonly active: readonly number[]
}

const NEVER = -1
const EARLIER = -2

/** Counts how many actors of each cohort came again in the periods after their first one. */
export class RetentionTriangle {
  /** The period in which each actor was active for the first time, and the last one. */
  readonly #first: Int32Array
  readonly #last: Int32Array
  readonly #cohorts: number
  readonly #columns: number
  readonly #counts: Int32Array

  /** @param size `actors`: their numbers are below it; `cohorts`: how many of the first periods have one; `columns`: of how many periods each is counted */
  constructor({ actors, cohorts, columns }: { readonly actors: number; readonly cohorts: number; readonly columns: number }) {
    this.#first = new Int32Array(actors).fill(NEVER)
    this.#last = new Int32Array(actors).fill(NEVER)
    this.#cohorts = cohorts
    this.#columns = columns
    this.#counts = new Int32Array(cohorts * columns)
  }

  /** An actor that was active before all periods: it is in no cohort. To be called before `add`. */
  addEarlier(actor: number): void {
    this.#first[actor] = EARLIER
  }

  /** An actor that was active in a period. For each actor in the order of periods; a repetition counts once. */
  add(actor: number, period: number): void {
    if (this.#first[actor] === NEVER) this.#first[actor] = period
    const first = this.#first[actor] as number
    if (first === EARLIER || first >= this.#cohorts || this.#last[actor] === period) return
    this.#last[actor] = period
    const column = period - first
    if (column >= this.#columns) return
    const place = first * this.#columns + column
    this.#counts[place] = (this.#counts[place] as number) + 1
  }

  /** The cohorts of the first periods. */
  cohorts(): Cohort[] {
    return Array.from({ length: this.#cohorts }, (_, cohort) => {
      const active = [...this.#counts.subarray(cohort * this.#columns, (cohort + 1) * this.#columns)]
      return { size: active[0] ?? 0, active }
    })
  }
}
