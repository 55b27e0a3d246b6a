import { exactNumber, isWithinSafe } from '#contracts'

/** The functions of ECMAScript 2026 (JSON.parse source text access) that the types of TypeScript do not have yet. Node has them since version 21. */
interface SourceTextJson {
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
  rawJSON(text: string): object
  isRawJSON(value: unknown): boolean
}
const json = JSON as unknown as SourceTextJson

/** More levels than an accepted event in a batch can have (EVENT_DEPTH_MAX), and far fewer than a recursion can have. */
const DEPTH_MAX = 64

function hasUnsafeNumber(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return !isWithinSafe(value)
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return false
  if (Array.isArray(value)) return value.some((item) => hasUnsafeNumber(item, depth + 1))
  const object = value as Record<string, unknown>
  for (const key in object) if (hasUnsafeNumber(object[key], depth + 1)) return true
  return false
}

/** Replaces an unsafe number by its exact text. A literal that no double can hold stays as it is written; {@link isBeyondDoubles} finds it. */
function revive(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || isWithinSafe(value) || source === undefined) return value
  return exactNumber(source) ?? json.rawJSON(source)
}

/**
 * The only function that reads foreign JSON. A number beyond ±(2^53 − 1) becomes its exact text (exactNumber of the contracts), because as
 * a double it would equal its neighbours; so a value stays the same when it is written and read again. A number that no double can
 * hold (1e400) is replaced by a value that {@link isBeyondDoubles} recognizes.
 *
 * Reading with a reviver costs five times as much, so it is done only if a first reading found such a number: walking over the values is cheaper
 * than a search in the text, and is not misled by digits in an id.
 * @throws SyntaxError, and RangeError if there is such a number beside a value that is nested too deep for the stack
 */
export function readJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  return hasUnsafeNumber(value) ? json.parse(text, revive) : value
}

/** Whether a value of {@link readJson} replaces a number that no double can hold. Events with such a value are refused. */
export const isBeyondDoubles = (value: object): boolean => json.isRawJSON(value)
