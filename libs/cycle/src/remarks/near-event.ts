import type { CompiledSignal } from '../compile/compiled-cycle.ts'

/** Which event of a signal an event's name comes near; the name itself where a signal names it and its `where` does not hold. */
export type NearEvent = (name: string) => string | undefined

/** What is left of a name without case, blanks and the marks that stand for blanks: `order_completed` and `Order Completed` are alike. */
const bare = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_./:\u200b\ufeff-]+/gu, '')

/** Finds names that differ from those of the signals only in what people do not see or do not mind. */
export function nearEvents(signals: readonly CompiledSignal[]): NearEvent {
  const names = signals.flatMap(({ events }) => events).filter((event) => !event.includes('*'))
  const exact = new Set(names)
  const byBare = new Map(names.toReversed().map((name) => [bare(name), name]))
  return (name) => {
    if (exact.has(name) || signals.some((signal) => signal.matchesName(name))) return name
    return byBare.get(bare(name))
  }
}
