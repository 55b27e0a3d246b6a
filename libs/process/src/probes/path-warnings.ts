import { type CompiledCycle, describeMissingPath, joinPathCounts, missingPaths, type PathCountsRecord, UNSEEN_MIN } from '#cycle'

/** Reports the paths of a cycle that no event has: what depends on them never happens, and nothing else would say so. */
export class PathWarnings {
  readonly #cycle: string
  readonly #onWarning: (text: string) => void
  readonly #counts = new Map<number, PathCountsRecord>()
  /** The paths that were reported and are missing still. */
  #reported: ReadonlySet<string> = new Set()

  /** @param onWarning called once for a path, and again if events had it meanwhile */
  constructor({ cycle }: Pick<CompiledCycle, 'cycle'>, onWarning: (text: string) => void) {
    this.#cycle = cycle
    this.#onWarning = onWarning
  }

  /** Takes the counts of a partition that is folded here. */
  record(partition: number, counts: PathCountsRecord): void {
    this.#counts.set(partition, counts)
    const missing = this.#missing
    for (const found of missing) if (!this.#reported.has(found.path)) this.#onWarning(this.#textOf(found))
    this.#reported = new Set(missing.map(({ path }) => path))
  }

  /** The partition is not folded here any more. */
  forget(partition: number): void {
    this.#counts.delete(partition)
  }

  /** A sentence for each path. */
  get texts(): string[] {
    return this.#missing.map((found) => this.#textOf(found))
  }

  get #missing() {
    return missingPaths(joinPathCounts([...this.#counts.values()]), UNSEEN_MIN)
  }

  #textOf(found: Parameters<typeof describeMissingPath>[0]): string {
    return `Cycle ${this.#cycle}: ${describeMissingPath(found)}`
  }
}
