import { exactNumber, isWithinSafe } from '#contracts'

/** What TypeScript does not know yet of ECMAScript 2026; Node has it since 21. */
interface SourceText {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): object
  isRawJSON(value: unknown): boolean
}
const json = JSON as unknown as SourceText

/** Deeper than any event that is taken (EVENT_DEPTH_MAX in a batch), far less than what overflows a stack. */
const DEPTH_MAX = 64

function holdsUnsafe(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return !isWithinSafe(value)
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return false
  if (Array.isArray(value)) return value.some((item) => holdsUnsafe(item, depth + 1))
  const object = value as Record<string, unknown>
  for (const key in object) if (holdsUnsafe(object[key], depth + 1)) return true
  return false
}

/** The literal is kept when it becomes JSON again; an event with it is refused ({@link isBeyondNumbers}). */
function revive(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || isWithinSafe(value) || source === undefined) return value
  return exactNumber(source) ?? json.rawJSON(source)
}

/**
 * The only function that reads foreign JSON. A number beyond ±(2^53 − 1) becomes its exact text (exactNumber of the contracts), because as
 * a double it would equal its neighbours; so a value stays the same when it is written and read again. A number that no double can
 * hold (1e400) is replaced by a value that {@link isBeyondNumbers} recognizes.
 *
 * Reading with a reviver costs five times as much, so it is done only if a first reading found such a number: walking over the values is cheaper
 * than a search in the text, and is not misled by digits in an id.
 * @throws SyntaxError, and RangeError if there is such a number beside a value that is nested too deep for the stack
 */
export function readJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return holdsUnsafe(value) ? json.parse(text, revive) : value
}

/** Whether a value that was read stands for a number that no double can hold. */
export const isBeyondNumbers = (value: object): boolean => json.isRawJSON(value)
