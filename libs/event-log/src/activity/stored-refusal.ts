import { type QuarantineRecord, quarantineRecordSchema, RondoError } from '#contracts'

/** A stored record; one that another program wrote is shown as it is, and can be tried again like any other text. */
export function storedRefusal(text: string, place: string): QuarantineRecord {
  const { success, data } = quarantineRecordSchema.safeParse(jsonOf(text))
  if (success) return data
  return { code: 'RONDO_RECORD_INVALID', reason: 'it is no record of quarantine', where: place, refusedAt: null, raw: text.slice(0, 65_536) }
}

/** The parts of a cursor of several lists; the beginning of all is one 0. */
export function cursorParts(cursor: string, lists: number): number[] {
  const parts = cursor === '0' ? Array.from({ length: lists }, () => 0) : cursor.split('.').map(Number)
  if (parts.length === lists && /^[\d.]+$/.test(cursor) && parts.every((part) => Number.isSafeInteger(part))) return parts
  throw new RondoError('RONDO_ARGUMENT_INVALID', 'after: expected a cursor that was given with this list, or 0.')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
