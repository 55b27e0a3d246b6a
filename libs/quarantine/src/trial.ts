import { type ActivityEvent, formatInstant, type Instant, instantOf, type Repair } from '#contracts'
import { lateBefore } from '#cycle'
import type { KeptRefusal } from '#event-log'
import { Refusal, readAgain } from '#sources'

/** How far the fold of an actor's partition is, and its grace period. */
export interface FoldNow {
  readonly logTime: Instant
  readonly graceMs: number
}

/** Of the partition that would have the actor; undefined if no fold has begun. */
type FoldOf = (actorId: string) => FoldNow | undefined

/** What decides whether a refused event would be accepted now. */
export interface TrialSetting {
  /** The present state of the folds, by the partition that would have an actor. */
  readonly folds: () => Promise<FoldOf>
  /** Whether a contract refuses the event now; undefined if it does not. */
  readonly contract?: ((event: ActivityEvent) => Pick<Refusal, 'code' | 'reason' | 'path'> | undefined) | undefined
}

/** What would become of a refused event if it was written now. A copy is the event of an earlier trial. */
export type Outcome =
  | { readonly kind: 'accepted' | 'late' | 'copy'; readonly event: ActivityEvent }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string; readonly path: string | undefined }

/** One trial: its repair, and the state of the folds at its beginning. */
export interface TrialOptions extends Pick<TrialSetting, 'contract'> {
  readonly foldOf: FoldOf
  readonly repair: Repair
  /** Whether late events are written too: they are recorded, and never applied. Otherwise they stay in quarantine. */
  readonly writesLate: boolean
}

/** Tries refused events again, one after the other. */
export class Trial {
  readonly #options: TrialOptions
  readonly #written = new Set<string>()

  constructor(options: TrialOptions) {
    this.#options = options
  }

  of({ id, record }: KeptRefusal, arrival: Instant): Outcome {
    const read = readAgain({ record, madeId: record.id ?? `refused-${id}`, now: arrival }, this.#options.repair)
    const refusal = read instanceof Refusal ? read : this.#options.contract?.(read)
    if (refusal !== undefined) return { kind: 'refused', code: refusal.code, reason: refusal.reason, path: refusal.path }
    return this.#placed({ ...(read as ActivityEvent), receivedAt: formatInstant(arrival) }, arrival)
  }

  #placed(event: ActivityEvent, arrival: Instant): Outcome {
    const { actor, id, time } = event
    const fold = this.#options.foldOf(actor.id)
    const isLate = fold !== undefined && instantOf(time) < lateBefore(fold.logTime, arrival, fold.graceMs)
    if (isLate && !this.#options.writesLate) return { kind: 'late', event }
    const name = JSON.stringify([actor.type, actor.id, id])
    if (this.#written.has(name)) return { kind: 'copy', event }
    this.#written.add(name)
    return { kind: isLate ? 'late' : 'accepted', event }
  }
}
