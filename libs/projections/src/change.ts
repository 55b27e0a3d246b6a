import { instantOf, type Output, RondoError } from '#contracts'
import type { ActorStage } from './read-models.ts'

/** The change that an output makes: read models are made from changes, so that none of them has to resolve retractions. */
export interface Change {
  readonly output: Output
  /** The stage of the actor before and after the output; undefined: in no stage. Both are equal if the actor does not move. */
  readonly before: ActorStage | undefined
  readonly after: ActorStage | undefined
  /** The transition that takes effect (`by` 1) or is retracted (-1); undefined for notices and their retractions. */
  readonly counted: Output | undefined
  readonly by: 1 | -1
}

/**
 * The change that an output of any age made, from the earlier outputs of its actor.
 * @param earlier newest first, read only as far as needed; it does not matter whether they have been retracted since
 * @throws RondoError RONDO_MODELS_MISMATCH if it retracts an output that was not in effect
 */
export function changeOf(output: Output, earlier: Iterable<Output>): Change {
  const inEffect: Output[] = []
  for (const other of effective(earlier)) {
    inEffect.push(other)
    if (isTransition(other) && (output.kind !== 'retraction' || hasTransitionBefore(inEffect, output))) break
  }
  const before = stageAfter(inEffect.find(isTransition))
  if (output.kind === 'notice') return { output, before, after: before, counted: undefined, by: 1 }
  if (output.kind !== 'retraction') return { output, before, after: stageAfter(output), counted: output, by: 1 }
  const retractedAt = inEffect.findIndex(({ id }) => id === output.retracts)
  const counted = inEffect[retractedAt]
  if (counted === undefined) throw notInEffect(output)
  if (counted.kind === 'notice') return { output, before, after: before, counted: undefined, by: -1 }
  return { output, before, after: stageAfter(inEffect.slice(retractedAt + 1).find(isTransition)), counted, by: -1 }
}

/** The stage to which a transition leads; undefined if there is no transition. */
export function stageAfter(transition: Output | undefined): ActorStage | undefined {
  return transition && { stage: transition.to, since: instantOf(transition.at) }
}

/** Whether an output moves its actor: notices and retractions are no transitions. */
export function isTransition({ kind }: Output): boolean {
  return kind !== 'notice' && kind !== 'retraction'
}

/** The outputs in effect, newest first: a retraction comes after the output that it retracts, so this pass sees it first. */
function* effective(earlier: Iterable<Output>): Generator<Output> {
  const retracted = new Set<string | undefined>()
  for (const output of earlier) {
    if (output.kind === 'retraction') retracted.add(output.retracts)
    else if (!retracted.has(output.id)) yield output
  }
}

/** Whether the retracted output was found, and after it the output that was in effect before. */
function hasTransitionBefore(inEffect: readonly Output[], { retracts }: Output): boolean {
  const at = inEffect.findIndex(({ id }) => id === retracts)
  return at >= 0 && at < inEffect.length - 1
}

function notInEffect({ actor, id, retracts }: Output): RondoError {
  const what = `The retraction ${id} of ${actor.type} ${actor.id} takes back ${retracts}, which was not in effect`
  return new RondoError('RONDO_MODELS_MISMATCH', `${what}. Rebuild the read models from the feed's beginning; if this comes again, report it.`)
}
