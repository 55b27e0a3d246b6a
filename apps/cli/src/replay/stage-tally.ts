import { type OutputKind, outputKinds } from '#contracts'
import type { FinalOutput } from './final-outputs.ts'

/** Counts the effective history: transitions by kind, actors by stage, and the lengths of completed stays in each stage. */
export class StageTally {
  readonly kinds: Record<OutputKind, number> = Object.fromEntries(outputKinds.map((kind) => [kind, 0])) as Record<OutputKind, number>
  readonly #actors = new Map<string, number>()
  readonly #stays = new Map<string, Stays>()

  add({ kind, from, to, dwellMs }: FinalOutput): void {
    this.kinds[kind] += 1
    if (kind === 'notice') return
    this.#actors.set(from, this.actorsIn(from) - 1)
    this.#actors.set(to, this.actorsIn(to) + 1)
    if (dwellMs !== null) this.#staysIn(from).add(dwellMs)
  }

  actorsIn(stage: string): number {
    return this.#actors.get(stage) ?? 0
  }

  /** Milliseconds; undefined if no actor has left the stage yet. */
  medianDwell(stage: string): number | undefined {
    return this.#stays.get(stage)?.median()
  }

  #staysIn(stage: string): Stays {
    const stays = this.#stays.get(stage) ?? new Stays()
    this.#stays.set(stage, stays)
    return stays
  }
}

/** The lengths of stays, with eight bytes for each, so that many millions fit into memory and their median is exact. */
class Stays {
  #values = new Float64Array(64)
  #count = 0

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const grown = new Float64Array(this.#count * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.#count++] = value
  }

  median(): number | undefined {
    if (this.#count === 0) return undefined
    const sorted = this.#values.slice(0, this.#count).sort()
    const middle = this.#count >> 1
    const upper = sorted[middle] as number
    return this.#count % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2
  }
}
