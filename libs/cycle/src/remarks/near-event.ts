import type { CompiledSignal } from '../compile/compiled-cycle.ts'

/** The event name of a signal that is nearest to a name. The name itself if a signal matches it (and its `where` does not hold). */
export type NearEvent = (name: string) => string | undefined

/** A name without case, blanks and separators: `order_completed` and `Order Completed` become equal. */
const simplified = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_./:\u200b\ufeff-]+/gu, '')

/** Finds names that differ from given ones only in case, blanks or separators. A given name itself is found. */
export function nearNames(names: readonly string[]): NearEvent {
  const exact = new Set(names)
  const bySimplified = new Map(names.toReversed().map((name) => [simplified(name), name]))
  return (name) => (exact.has(name) ? name : bySimplified.get(simplified(name)))
}

/** Finds names that differ from those of the signals only in case, blanks or separators. */
export function nearEvents(signals: readonly CompiledSignal[]): NearEvent {
  const near = nearNames(signals.flatMap(({ events }) => events).filter((event) => !event.includes('*')))
  return (name) => (signals.some((signal) => signal.matchesName(name)) ? name : near(name))
}
