const WEEK_DAYS = 7
/** How many days the longest sum goes back, with the day itself. */
export const MONTH_DAYS = 30

/** Different actors that were active on a day, and in the 7 and 30 days that end with it. */
export interface RollingCount {
  readonly dau: number
  readonly wau: number
  readonly mau: number
}

/** Counts the different actors of rolling weeks and months of days, without a set for each of them. */
export class RollingActors {
  /** The last day on which each actor was active. */
  readonly #last: Int32Array
  readonly #daily: Int32Array
  /** By how much the number of actors changes on each day. */
  readonly #weekly: Int32Array
  readonly #monthly: Int32Array

  /** @param size `actors`: their numbers are below it */
  constructor({ actors, days }: { readonly actors: number; readonly days: number }) {
    this.#last = new Int32Array(actors).fill(-MONTH_DAYS)
    this.#daily = new Int32Array(days)
    this.#weekly = new Int32Array(days + WEEK_DAYS)
    this.#monthly = new Int32Array(days + MONTH_DAYS)
  }

  /** An actor that was active on a day. For each actor in the order of days; a repetition counts once. */
  add(actor: number, day: number): void {
    const last = this.#last[actor] as number
    if (last === day) return
    this.#last[actor] = day
    this.#daily[day] = (this.#daily[day] as number) + 1
    cover(this.#weekly, { last, day, length: WEEK_DAYS })
    cover(this.#monthly, { last, day, length: MONTH_DAYS })
  }

  /** The counts of all days; those of the first ones lack what was before the first day. */
  counts(): RollingCount[] {
    let [wau, mau] = [0, 0]
    return Array.from(this.#daily, (dau, day) => {
      wau += this.#weekly[day] as number
      mau += this.#monthly[day] as number
      return { dau, wau, mau }
    })
  }
}

/** An active day covers the days from it on, without those that an earlier one of the actor covers already. */
function cover(changes: Int32Array, { last, day, length }: { readonly last: number; readonly day: number; readonly length: number }): void {
  const begin = Math.max(day, last + length)
  changes[begin] = (changes[begin] as number) + 1
  changes[day + length] = (changes[day + length] as number) - 1
}
