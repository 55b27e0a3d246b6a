import { instantOf, type Output, RondoError } from '#contracts'
import type { ActorStage } from './read-models.ts'

/** What an output changes: read models are made from changes, so that none of them has to find out what a retraction takes back. */
export interface Change {
  readonly output: Output
  /** Where the actor was before, and where it is after; undefined: in no stage. The same where nobody moves. */
  readonly before: ActorStage | undefined
  readonly after: ActorStage | undefined
  /** The transition that begins to be in effect (`by` 1) or no longer is (-1); undefined for notices and their retractions. */
  readonly counted: Output | undefined
  readonly by: 1 | -1
}

/**
 * The change that an output of any age made, from the outputs of its actor before it.
 * @param earlier newest first, read only as far as needed; whether they have been taken back since does not matter
 * @throws RondoError RONDO_MODELS_MISMATCH where it takes back what was not in effect
 */
export function changeOf(output: Output, earlier: Iterable<Output>): Change {
  const inEffect: Output[] = []
  for (const other of effective(earlier)) {
    inEffect.push(other)
    if (isTransition(other) && (output.kind !== 'retraction' || isTakenBefore(inEffect, output))) break
  }
  const before = stageAfter(inEffect.find(isTransition))
  if (output.kind === 'notice') return { output, before, after: before, counted: undefined, by: 1 }
  if (output.kind !== 'retraction') return { output, before, after: stageAfter(output), counted: output, by: 1 }
  const taken = inEffect.findIndex(({ id }) => id === output.retracts)
  const counted = inEffect[taken]
  if (counted === undefined) throw notInEffect(output)
  if (counted.kind === 'notice') return { output, before, after: before, counted: undefined, by: -1 }
  return { output, before, after: stageAfter(inEffect.slice(taken + 1).find(isTransition)), counted, by: -1 }
}

/** Where a transition leads to; undefined where there is none. */
export function stageAfter(transition: Output | undefined): ActorStage | undefined {
  return transition && { stage: transition.to, since: instantOf(transition.at) }
}

export function isTransition({ kind }: Output): boolean {
  return kind !== 'notice' && kind !== 'retraction'
}

/** What was in effect, newest first: a retraction stands behind what it takes back, so this pass meets it first. */
function* effective(earlier: Iterable<Output>): Generator<Output> {
  const retracted = new Set<string | undefined>()
  for (const output of earlier) {
    if (output.kind === 'retraction') retracted.add(output.retracts)
    else if (!retracted.has(output.id)) yield output
  }
}

/** Whether what the retraction takes back was met before the newest one met. */
function isTakenBefore(inEffect: readonly Output[], { retracts }: Output): boolean {
  const at = inEffect.findIndex(({ id }) => id === retracts)
  return at >= 0 && at < inEffect.length - 1
}

function notInEffect({ actor, id, retracts }: Output): RondoError {
  const what = `The retraction ${id} of ${actor.type} ${actor.id} takes back ${retracts}, which was not in effect`
  return new RondoError('RONDO_MODELS_MISMATCH', `${what}. Rebuild the read models from the feed's beginning; if this comes again, report it.`)
}
