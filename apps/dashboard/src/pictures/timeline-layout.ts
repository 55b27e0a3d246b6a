import type { Receipt } from '../answers/answers.ts'

/** A stay of an actor in a stage. */
export interface Stay {
  readonly stage: string
  readonly from: number
  /** The present for the stay that goes on. */
  readonly until: number
}

/** The stays that follow from a history, oldest first. Retracted transitions have no part in it. */
export function staysOf(history: readonly Pick<Receipt, 'output' | 'retracted'>[], present: number): Stay[] {
  const moves = history
    .filter(({ output, retracted }) => !retracted && output.kind !== 'notice' && output.kind !== 'retraction')
    .map(({ output }) => ({ stage: output.to, from: Date.parse(output.at) }))
    .reverse()
  return moves.map(({ stage, from }, index) => ({ stage, from, until: Math.max(from, moves[index + 1]?.from ?? present) }))
}

/** The instants at which years or months begin, for a scale: at most `most` of them, in UTC. */
export function calendarTicks(from: number, until: number, most: number): number[] {
  for (const months of [1, 3, 6, 12, 24, 60, 120]) {
    const first = new Date(from)
    const ticks: number[] = []
    const start = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth() + 0.001) / months) * months
    for (let month = start; ticks.length <= most; month += months) {
      const at = Date.UTC(Math.floor(month / 12), month % 12)
      if (at >= until) return ticks
      ticks.push(at)
    }
  }
  return []
}
