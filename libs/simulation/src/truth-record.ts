import type { Instant } from '#contracts'
import type { LEVELS, Step } from './planted-truth.ts'

/** Why somebody left: nothing in particular, or a song that they looked for and did not find. */
type LeaveReason = 'drift' | 'unmet-need'
/** What brought somebody back; `anyway` if they would have come back without it too. */
export type ReturnReason = 'anyway' | 'need-met' | 'campaign'

/** What is true in the ecosystem, though nobody in it can see it. Methods are measured against it. */
export type TruthRecord =
  | { readonly kind: 'ratio'; readonly step: Step; readonly of: string; readonly ratio: number }
  | { readonly kind: 'song'; readonly title: string; readonly missingFrom: Instant; readonly metAt: Instant | undefined }
  | { readonly kind: 'joined'; readonly at: Instant; readonly actor: string; readonly behaviour: string }
  | { readonly kind: 'forward'; readonly at: Instant; readonly actor: string; readonly to: (typeof LEVELS)[number] }
  | { readonly kind: 'left'; readonly at: Instant; readonly actor: string; readonly because: LeaveReason; readonly need: string | undefined }
  | { readonly kind: 'campaign'; readonly at: Instant; readonly actor: string; readonly arm: 'treated' | 'holdout' }
  | { readonly kind: 'returned'; readonly at: Instant; readonly actor: string; readonly because: ReturnReason }

/** Gets each truth when it becomes true. */
export type Tell = (truth: TruthRecord) => void
