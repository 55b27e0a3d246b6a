import type { KeptRefusal } from '#event-log'
import type { Outcome } from './trial.ts'

/** How many examples of each outcome are reported. */
const SAMPLES = 5

/** A reason with the number of refused events that have it. */
interface RefusedReason {
  readonly code: string
  readonly reason: string
  readonly count: number
  /** One refused event with this reason. */
  readonly id: string
}

/** How many refused events had which outcome, with samples of each. */
export interface TallyReport {
  readonly tried: number
  readonly accepted: number
  readonly late: number
  readonly copies: number
  readonly refused: number
  /** Why the others would be refused again, the most frequent first. */
  readonly reasons: readonly RefusedReason[]
  readonly samples: readonly { readonly id: string; readonly outcome: string; readonly event: unknown }[]
}

/** Reasons can contain values of events, so there may be as many as events. Memory must be bounded. */
const REASONS_MAX = 50

/** Counts outcomes. */
export class Tally {
  readonly #counts = { accepted: 0, late: 0, copy: 0, refused: 0 }
  readonly #reasons = new Map<string, RefusedReason>()
  readonly #samples: TallyReport['samples'][number][] = []
  #tried = 0

  /** @param outcome undefined if it was not tried */
  add({ id }: KeptRefusal, outcome: Outcome | undefined): void {
    this.#tried += 1
    if (outcome === undefined) return
    const count = ++this.#counts[outcome.kind]
    if (outcome.kind !== 'refused') {
      if (count <= SAMPLES) this.#samples.push({ id, outcome: outcome.kind, event: outcome.event })
      return
    }
    const { code, reason } = outcome
    const name = `${code} ${reason}`
    const known = this.#reasons.get(name) ?? { code, reason, count: 0, id }
    if (this.#reasons.has(name) || this.#reasons.size < REASONS_MAX) this.#reasons.set(name, { ...known, count: known.count + 1 })
  }

  report(): TallyReport {
    const { accepted, late, copy, refused } = this.#counts
    const reasons = [...this.#reasons.values()].sort((a, b) => b.count - a.count)
    return { tried: this.#tried, accepted, late, copies: copy, refused, reasons, samples: this.#samples }
  }
}

/** How many refused events there are of each reason, the most frequent first. */
export interface RefusedCounts {
  readonly open: number
  readonly reasons: readonly RefusedReason[]
}

/** Counts refused events by their reasons, as they were refused. */
export class RefusedTally {
  readonly #reasons = new Map<string, RefusedReason>()
  #open = 0

  add({ id, record: { code, reason } }: KeptRefusal): void {
    this.#open += 1
    const name = `${code} ${reason}`
    const known = this.#reasons.get(name)
    if (known === undefined && this.#reasons.size >= REASONS_MAX) return
    this.#reasons.set(name, { code, reason, count: (known?.count ?? 0) + 1, id })
  }

  report(): RefusedCounts {
    return { open: this.#open, reasons: [...this.#reasons.values()].sort((a, b) => b.count - a.count) }
  }
}
