import type { Address } from '../address/address.ts'
import { addressOf } from '../address/shown-address.ts'
import type { Movement } from '../pictures/unrolled-layout.ts'

const iso = (at: number): string => new Date(at).toISOString()

/** The list of the actors that were in a stage at a moment; those of now if the moment is that. */
export function peopleAt(stage: string, { at, isOpen }: { readonly at: number; readonly isOpen: boolean }): Address {
  return addressOf('people', isOpen ? { stage } : { stage, at: iso(at) })
}

/** Transitions that a list shows: of a part of time, into a stage or out of one. */
export interface MovesBehind {
  readonly source?: string | undefined
  readonly to?: string | undefined
  readonly since: number
  readonly until: number
}

/** The list of the transitions in a part of time. */
export function movesBehind({ source, to, since, until }: MovesBehind): Address {
  return addressOf('people', { source, to, since: iso(since), until: iso(until) })
}

/** The list of the actors that got from one stage to another in a period, whatever ways they took in between. */
export function moversBehind({ from, until, source, target }: Movement): Address {
  return addressOf('people', { stage: target, at: iso(until), source: source ?? 'start', since: iso(from) })
}
