import { type Key, RondoError } from '#contracts'
import type { ServedCycle } from './served-cycle.ts'

/** What a question names beside the cycle, to find the only cycle that it can mean. */
export interface Asked {
  readonly query: unknown
  /** The key of the request: other cycles than its own do not exist for it. */
  readonly key: Key | undefined
  readonly actorType?: string | undefined
}

/** All cycles that this process shows. */
export class ServedCycles {
  readonly #all: ServedCycle[]

  constructor(all: readonly ServedCycle[]) {
    this.#all = [...all]
  }

  get all(): readonly ServedCycle[] {
    return this.#all
  }

  /** Shows another cycle, behind the others. */
  add(cycle: ServedCycle): void {
    this.#all.push(cycle)
  }

  /** The cycles that a key shows. */
  shownTo(key: Key | undefined): readonly ServedCycle[] {
    return key?.cycles === undefined ? this.all : this.all.filter(({ name }) => key.cycles?.includes(name))
  }

  /** @throws RondoError RONDO_NOT_FOUND with the names that there are */
  named(name: string, key: Key | undefined): ServedCycle {
    const shown = this.shownTo(key)
    const found = shown.find((cycle) => cycle.name === name)
    if (found !== undefined) return found
    const names = shown.map((cycle) => JSON.stringify(cycle.name)).join(', ')
    const there = shown.length === 1 ? `the cycle is ${names}` : `the cycles are ${names}`
    throw new RondoError('RONDO_NOT_FOUND', `There is no cycle ${JSON.stringify(name)} here; ${there}.`)
  }

  /**
   * The cycle that a query names with `cycle`; without it the only cycle, or the only one with actors of the type that is asked for.
   * @throws RondoError RONDO_NOT_FOUND; RONDO_ARGUMENT_INVALID with the names to choose from
   */
  asked({ query, key, actorType }: Asked): ServedCycle {
    const name = (query as { readonly cycle?: unknown }).cycle
    if (typeof name === 'string') return this.named(name, key)
    const shown = this.shownTo(key)
    const ofType = shown.length > 1 && actorType !== undefined ? shown.filter((cycle) => cycle.actorType === actorType) : shown
    const [only, ...others] = ofType
    if (only !== undefined && others.length === 0) return only
    const names = (ofType.length === 0 ? shown : ofType).map((cycle) => cycle.name).join(', ')
    throw new RondoError('RONDO_ARGUMENT_INVALID', `The query cannot be used: cycle: several cycles are shown here; name one of them: ${names}.`)
  }
}
