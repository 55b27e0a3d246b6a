import type { Reference } from '#contracts'
import { isJsonObject } from '../rows/source-row.ts'
import type { ReadRecord } from './source-record.ts'

/** Reads one value of a record; undefined if it is missing or null. */
export type Taker = (read: ReadRecord) => unknown

const HEADER = '$headers.'

export function takerOf(reference: Reference): Taker {
  if (typeof reference === 'string') return takerOfPath(reference)
  if (Array.isArray(reference)) return firstOf(reference.map(takerOfPath))
  if ('text' in reference) return () => reference.text
  return joined(reference.join.map(takerOfPath))
}

/** A reference as people write it, for messages. */
export function referenceText(reference: Reference): string {
  if (typeof reference === 'string') return reference
  if (Array.isArray(reference)) return reference.join(' or ')
  return 'text' in reference ? `the text ${reference.text}` : reference.join.join('#')
}

function takerOfPath(path: string): Taker {
  if (path === '$') return ({ value }) => present(value)
  if (path === '$key') return ({ record }) => (record.key === null ? undefined : Buffer.from(record.key).toString())
  if (path === '$timestamp') return ({ record }) => (record.timestamp > 0 ? record.timestamp : undefined)
  if (path.startsWith(HEADER)) {
    const name = path.slice(HEADER.length)
    return ({ record: { headers } }) => (Object.hasOwn(headers, name) ? headers[name] : undefined)
  }
  const steps = path.startsWith('/') ? pointerSteps(path) : path.split('.')
  return ({ value }) => present(steps.reduce(step, value))
}

/** RFC 6901. */
const pointerSteps = (path: string): string[] =>
  path
    .slice(1)
    .split('/')
    .map((text) => text.replaceAll('~1', '/').replaceAll('~0', '~'))

/** Own properties only; numbers index arrays. */
function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

const present = (value: unknown): unknown => (value === null ? undefined : value)

function firstOf(takers: readonly Taker[]): Taker {
  return (read) => {
    for (const take of takers) {
      const value = take(read)
      // Some senders write an empty text for a missing value.
      if (value !== undefined && value !== '') return value
    }
    return undefined
  }
}

/** An object or a list has no text of its own: two different ones would get the same text. */
function joined(takers: readonly Taker[]): Taker {
  return (read) => {
    const values = takers.map((take) => take(read))
    return values.every((value) => ['string', 'number'].includes(typeof value)) ? values.join('#') : undefined
  }
}
