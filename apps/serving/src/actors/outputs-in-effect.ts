import { type Actor, type Instant, instantOf, type Output } from '#contracts'
import type { ReadModels, Receipt } from '#projections'

/** How many outputs are read at once. */
const READ_AT_ONCE = 500

/** As of when outputs are in effect. */
export interface Effect {
  /** Only what happened before it. */
  readonly at?: Instant | undefined
  /** Only what was noticed by this log time, and not retracted yet. */
  readonly knownAt?: Instant | undefined
}

/** The outputs of an actor that were in effect at a moment, in what was known at another, newest first. Retractions are not among them. */
export async function* outputsInEffect(models: Pick<ReadModels, 'history'>, actor: Actor, effect: Effect): AsyncGenerator<Receipt> {
  const { at = Number.POSITIVE_INFINITY, knownAt = Number.POSITIVE_INFINITY } = effect
  // A retraction is newer than what it retracts, so it is read first.
  const retracted = new Set<string>()
  for await (const receipt of newestFirst(models, actor)) {
    const { output } = receipt
    if (instantOf(output.noticedAt) > knownAt) continue
    if (output.retracts !== undefined) retracted.add(output.retracts)
    else if (instantOf(output.at) < at && !retracted.has(output.id)) yield { ...receipt, retracted: false }
  }
}

/** All outputs of an actor, read in parts. */
async function* newestFirst(models: Pick<ReadModels, 'history'>, actor: Actor): AsyncGenerator<Receipt> {
  let before: { readonly before?: number } = {}
  for (;;) {
    const receipts: readonly Receipt[] = await models.history(actor, { limit: READ_AT_ONCE, ...before })
    yield* receipts
    const last = receipts.at(-1)
    if (last === undefined || receipts.length < READ_AT_ONCE) return
    before = { before: last.cursor }
  }
}

/** Whether an output moved its actor. */
export const isTransition = ({ kind }: Output): boolean => kind !== 'notice' && kind !== 'retraction'
