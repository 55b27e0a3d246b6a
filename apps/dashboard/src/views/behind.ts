import type { Address } from '../address/address.ts'
import { addressOf } from '../address/shown-address.ts'

/** The list of the actors that are in a stage now; undefined for another moment. */
export const peopleAt = (stage: string, { isOpen }: { readonly at: number; readonly isOpen: boolean }): Address | undefined =>
  isOpen ? addressOf('people', { stage }) : undefined
