import { ID_BYTES_MAX } from '#contracts'
import { isBeyondDoubles } from './read-json.ts'
import { invalidAt, invalidEvent, Refusal } from './refusal.ts'

/** Clients send events of 64 KB although their own limit is 32. */
export const EVENT_BYTES_MAX = 65_536
/** More levels than real events have, and far fewer than a recursion can have. */
export const EVENT_DEPTH_MAX = 32
/** Characters, as the schema counts them. */
export const EVENT_NAME_MAX = 1024

/** The defect of an id as a sentence; undefined if the id is valid. Decides as idSchema does. */
export function idDefect(text: string): string | undefined {
  if (text === '') return 'expected a non-empty id'
  if (text.length * 3 > ID_BYTES_MAX && Buffer.byteLength(text) > ID_BYTES_MAX) return `expected an id of at most ${ID_BYTES_MAX} bytes of UTF-8`
  if (!text.isWellFormed()) return 'expected well-formed Unicode (the id has half of a surrogate pair)'
  return undefined
}

/**
 * An upper limit of the bytes of a value's JSON (a character takes up to six); Infinity if the value is nested too deep, NaN if it contains
 * a number that is not finite. This costs much less than writing the JSON, and is enough for most events, which are small.
 */
export function jsonBytesAtMost(value: unknown, depth = 0): number {
  if (typeof value === 'string') return value.length * 6 + 2
  if (typeof value !== 'object' || value === null) return 25
  if (depth === EVENT_DEPTH_MAX) return Number.POSITIVE_INFINITY
  let bytes = 2
  if (Array.isArray(value)) {
    for (const item of value) bytes += jsonBytesAtMost(item, depth + 1) + 1
    return bytes
  }
  if (isBeyondDoubles(value)) return Number.NaN
  const object = value as Record<string, unknown>
  for (const key in object) bytes += key.length * 6 + 4 + jsonBytesAtMost(object[key], depth + 1)
  return bytes
}

/** Refuses a value that has more levels than EVENT_DEPTH_MAX, more bytes of JSON than EVENT_BYTES_MAX, or a number that is not finite. */
export function valueRefusal(value: unknown): Refusal | undefined {
  const upperBound = jsonBytesAtMost(value)
  if (upperBound <= EVENT_BYTES_MAX) return undefined
  if (Number.isNaN(upperBound)) return invalidAt(endlessPath(value) ?? 'somewhere', 'expected a number up to 1.8e308, found a larger one')
  if (upperBound === Number.POSITIVE_INFINITY) return invalidEvent(`expected at most ${EVENT_DEPTH_MAX} levels of nesting`)
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= EVENT_BYTES_MAX) return undefined
  const largest = largestMember(value)
  const most = largest === undefined ? '' : `, most of them in ${largest}`
  return new Refusal('RONDO_EVENT_TOO_LARGE', `expected at most ${EVENT_BYTES_MAX} bytes, found ${bytes}${most}`, largest)
}

/** How much of a name a message shows. */
const NAME_LENGTH_MAX = 64

/** The member that takes more than half of a value. */
function largestMember(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const sizes = Object.entries(value).map(([key, inner]) => ({ key, length: JSON.stringify(inner)?.length ?? 0 }))
  const whole = sizes.reduce((sum, { length }) => sum + length, 0)
  return sizes.find(({ length }) => length > whole / 2)?.key.slice(0, NAME_LENGTH_MAX)
}

/** The path of the first number that is not finite; undefined if there is none within the depth limit. */
function endlessPath(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null || depth > EVENT_DEPTH_MAX) return undefined
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'object' || inner === null) continue
    if (isBeyondDoubles(inner)) return key
    const rest = endlessPath(inner, depth + 1)
    if (rest !== undefined) return `${key}.${rest}`
  }
  return undefined
}
