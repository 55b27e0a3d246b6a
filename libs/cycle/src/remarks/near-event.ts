import type { CompiledSignal } from '../compile/compiled-cycle.ts'
import { editDistance } from '../definition/nearest-name.ts'

/** The event name of a signal that is nearest to a name. The name itself if a signal matches it (and its `where` does not hold). */
export type NearEvent = (name: string) => string | undefined

/** A name without case, blanks and separators: `order_completed` and `Order Completed` become equal. */
const simplified = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s_./:\u200b\ufeff-]+/gu, '')

/** A shorter name with another letter is usually another word. */
const MISTYPED_LENGTH_MIN = 5
/** All names that a typing error makes of a longer name would be many and large. */
const MISTYPED_LENGTH_MAX = 64

/** Finds names that differ from given ones only in case, blanks or separators. A given name itself is found. */
function equalNames(names: readonly string[]): NearEvent {
  const exact = new Set(names)
  const bySimplified = new Map(names.toReversed().map((name) => [simplified(name), name]))
  return (name) => (exact.has(name) ? name : bySimplified.get(simplified(name)))
}

/** Finds names that differ from given ones in case, blanks or separators, or in one typing error. A given name itself is found. */
export function nearNames(names: readonly string[]): NearEvent {
  const [equal, mistyped] = [equalNames(names), mistypedNames(names)]
  return (name) => equal(name) ?? mistyped(name)
}

/**
 * Finds names with one letter too many, missing, wrong or swapped with the next one. Two names with one typing error between them are equal when at most
 * one letter of each is left out, so that a name need not be compared with all others.
 */
function mistypedNames(names: readonly string[]): NearEvent {
  const byShortened = new Map<string, Set<string>>()
  for (const name of names) for (const key of shortenedForms(name)) byShortened.set(key, (byShortened.get(key) ?? new Set()).add(name))
  return (name) => {
    for (const key of shortenedForms(name)) for (const known of byShortened.get(key) ?? []) if (isMistyped(name, known)) return known
    return undefined
  }
}

/** A name, and what remains of it when one letter is left out; nothing if it is too short or too long for a typing error. */
function shortenedForms(name: string): readonly string[] {
  const text = simplified(name)
  if (text.length < MISTYPED_LENGTH_MIN || text.length > MISTYPED_LENGTH_MAX) return []
  return [text, ...Array.from({ length: text.length }, (_, at) => text.slice(0, at) + text.slice(at + 1))]
}

/** `Step 1` and `Step 2` are two names. */
const digitsOf = (text: string): string => text.replaceAll(/\P{Nd}+/gu, '')

function isMistyped(name: string, known: string): boolean {
  const [one, other] = [simplified(name), simplified(known)]
  return digitsOf(one) === digitsOf(other) && editDistance(one, other) <= 1
}

const namesOf = (signals: readonly CompiledSignal[]): string[] => signals.flatMap(({ events }) => events).filter((event) => !event.includes('*'))

function unlessMatched(signals: readonly CompiledSignal[], near: NearEvent): NearEvent {
  return (name) => (signals.some((signal) => signal.matchesName(name)) ? name : near(name))
}

/** Finds names that differ from those of the signals only in case, blanks or separators. */
export const equalEvents = (signals: readonly CompiledSignal[]): NearEvent => unlessMatched(signals, equalNames(namesOf(signals)))

/** Finds names that differ from those of the signals in case, blanks or separators, or in one typing error. */
export const nearEvents = (signals: readonly CompiledSignal[]): NearEvent => unlessMatched(signals, nearNames(namesOf(signals)))
