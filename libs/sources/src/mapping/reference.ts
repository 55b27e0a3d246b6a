import type { Reference } from '#contracts'
import { isJsonObject } from '../rows/source-row.ts'
import type { ReadRecord } from './source-record.ts'

/** Reads one value of a record; undefined if it is missing or null. */
export type ReferenceReader = (read: ReadRecord) => unknown

const HEADER = '$headers.'

/** Reads the value that a reference names. */
export function referenceReader(reference: Reference): ReferenceReader {
  if (typeof reference === 'string') return pathReader(reference)
  if (Array.isArray(reference)) return firstOf(reference.map(pathReader))
  if ('text' in reference) return () => reference.text
  return joined(reference.join.map(pathReader))
}

/** A reference as people write it, for messages. */
export function referenceText(reference: Reference): string {
  if (typeof reference === 'string') return reference
  if (Array.isArray(reference)) return reference.join(' or ')
  return 'text' in reference ? `the text ${reference.text}` : reference.join.join('#')
}

function pathReader(path: string): ReferenceReader {
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

/** The keys of a JSON pointer (RFC 6901). */
const pointerSteps = (path: string): string[] =>
  path
    .slice(1)
    .split('/')
    .map((text) => text.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The value of one key. Only own properties are read; in an array the key is an index. */
function step(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

const present = (value: unknown): unknown => (value === null ? undefined : value)

function firstOf(readers: readonly ReferenceReader[]): ReferenceReader {
  return (read) => {
    for (const readReference of readers) {
      const value = readReference(read)
      // Some senders write an empty text for a missing value.
      if (value !== undefined && value !== '') return value
    }
    return undefined
  }
}

/** Several values joined to one text; undefined if one of them is an object or a list, because different objects would give the same text. */
function joined(readers: readonly ReferenceReader[]): ReferenceReader {
  return (read) => {
    const values = readers.map((readReference) => readReference(read))
    return values.every((value) => ['string', 'number'].includes(typeof value)) ? values.join('#') : undefined
  }
}
