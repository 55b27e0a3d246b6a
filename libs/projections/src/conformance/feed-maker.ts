import fc from 'fast-check'
import { type Actor, formatInstant, INSTANT_MAX, INSTANT_MIN, type Output, type TransitionKind } from '#contracts'

const stages = ['new', 'active', 'fan', 'away'] as const

/** Ids with another order as UTF-8 than as JavaScript compares them, ids that contain separators, and ids with the same beginning. */
export const actors: readonly Actor[] = [
  { type: 'user', id: 'a' },
  { type: 'user', id: 'a:{b}.c' },
  { type: 'user', id: '\uffee' },
  { type: 'user', id: '\u{1d11e}' },
  { type: 'use', id: 'ra' },
]

const HOUR = 3_600_000
/** Few instants, so that many actors enter a stage at once; around the ends of hours and days, before 1970, and the extreme ones. */
const instants = [INSTANT_MIN, -1, 0, HOUR - 1, HOUR, 24 * HOUR, 24 * HOUR + 1, 20_000 * 24 * HOUR, INSTANT_MAX]

/** The next action of a fold; if it is not possible then, nothing happens. */
export interface Choice {
  readonly what: 'transition' | 'notice' | 'retraction'
  readonly actor: number
  readonly stage: string
  readonly at: number
  readonly kind: TransitionKind
}

/** Any choice. Transitions are chosen twice as often, so that actors come to have a history that can be retracted. */
export const choice: fc.Arbitrary<Choice> = fc.record({
  what: fc.constantFrom('transition', 'transition', 'notice', 'retraction'),
  actor: fc.nat({ max: actors.length - 1 }),
  stage: fc.constantFrom(...stages),
  at: fc.constantFrom(...instants),
  kind: fc.constantFrom('advance', 'regress', 'definition-change'),
})

/** Generates possible feeds of a fold: transitions from the actor's stage, notices, retractions newest first, seq without gaps. */
export class FeedMaker {
  /** Everything so far. */
  readonly feed: Output[] = []
  /** The effective history of each actor, oldest first. */
  readonly #effective: readonly Output[][] = actors.map(() => [])

  /** Does what the choice says. @returns the output; an empty list if it was not possible */
  next(choice: Choice): Output[] {
    const effective = this.#effective[choice.actor]
    const actor = actors[choice.actor]
    const parts = choice.what === 'retraction' ? this.#retraction(effective?.at(-1)) : this.#onward(choice)
    if (effective === undefined || actor === undefined || parts === undefined) return []
    const id = String(this.feed.length + 1).padStart(22, '0')
    const seq = this.feed.filter((earlier) => earlier.actor === actor).length + 1
    const rest = { cycle: 'c', version: 1, generation: 1, noticedAt: formatInstant(0), dwellMs: null, origin: 'live', rule: 'r', cause: 'c' } as const
    const evidence = { measures: {}, event: null, recent: {}, deadline: null }
    const output: Output = { ...rest, id, seq, actor, evidence, ...parts }
    this.feed.push(output)
    if (choice.what === 'retraction') effective.pop()
    else effective.push(output)
    return [output]
  }

  #retraction(taken: Output | undefined) {
    return taken && ({ kind: 'retraction', from: taken.from, to: taken.to, at: taken.at, retracts: taken.id } as const)
  }

  #onward({ what, actor, stage, at, kind }: Choice) {
    const from = this.#effective[actor]?.findLast((output) => output.kind !== 'notice')?.to ?? 'start'
    if (what === 'notice') return from === 'start' ? undefined : ({ kind: 'notice', from, to: from, at: formatInstant(at) } as const)
    return stage === from ? undefined : ({ kind, from, to: stage, at: formatInstant(at) } as const)
  }
}

/** The partition of an actor's outputs. */
export function partitionOf({ actor }: Output, partitions: number): number {
  return Buffer.from(actor.id).reduce((sum, byte) => sum + byte, 0) % partitions
}
