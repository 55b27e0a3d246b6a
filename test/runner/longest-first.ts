import { relative, sep } from 'node:path'
import { keptCosts } from './kept-costs.ts'

/** The parts of a spec, as jest knows it, that its place depends on. */
interface Test {
  readonly path: string
  readonly context: { readonly config: { readonly rootDir: string } }
}

/**
 * The sequencer of jest: the specs with the highest kept costs start first, so that one worker does not still run a long spec when the other has ended.
 * Jest's own knows only the durations of earlier runs on the same machine. A spec without kept costs may be long, so it is among the first.
 */
export default class LongestFirst {
  sort(tests: readonly Test[]): Test[] {
    const costs = keptCosts()
    const costOf = ({ path, context }: Test): number => costs[relative(context.config.rootDir, path).replaceAll(sep, '/')] ?? Number.MAX_VALUE
    return tests.toSorted((a, b) => costOf(b) - costOf(a))
  }

  /** Jest calls this after a run. There is nothing to keep here: `--costs` measures what is kept. */
  cacheResults(): void {}
}
