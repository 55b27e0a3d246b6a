import type { StageKind } from '#contracts'

const SLOTS = 8
const OTHERS = 2

/** A stage as its colour needs it. */
interface OfKind {
  readonly id: string
  readonly kind: StageKind
}

/** The slot of the palette for one of several present stages: as far apart as it can be, in the order of the cycle. */
function slotOf(index: number, total: number): number {
  if (total > SLOTS) return index % SLOTS
  return total < 2 ? 0 : Math.round((index * (SLOTS - 1)) / (total - 1))
}

/** The class that gives a stage its colour: one accent a stage, the same in all pictures. */
export function accentOf(stages: readonly OfKind[], id: string): string {
  const stage = stages.find((each) => each.id === id)
  if (stage === undefined) return 'accent-none'
  const alike = stages.filter(({ kind }) => kind === stage.kind)
  const index = alike.indexOf(stage)
  return stage.kind === 'active' ? `accent-active-${slotOf(index, alike.length)}` : `accent-${stage.kind}-${index % OTHERS}`
}
