import { signal } from '@preact/signals'
import type { StagesAnswer } from './answers.ts'
import type { Loaded } from './use-answer.ts'

/** The stages of the shown cycle with their counts, as they are now. */
export const stages = signal<Loaded<StagesAnswer>>({ path: null, answer: undefined, refused: undefined, receivedAt: 0 })
