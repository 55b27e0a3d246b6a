import { type Instant, instantOf } from '#contracts'

/** An entry of a frame: its exact text, and what the columns of an archive say of it. All but the kind is missing where the entry does not have it. */
export interface Entry {
  readonly text: string
  /** `event`, the kind of a control record, or `unreadable`. */
  readonly kind: string
  readonly id?: string | undefined
  readonly event?: string | undefined
  readonly actorType?: string | undefined
  readonly actorId?: string | undefined
  readonly time?: Instant | undefined
  readonly receivedAt?: Instant | undefined
  readonly source?: string | undefined
}

/** The entries of a frame. Joined again by line feeds their texts are the frame, whatever it is. */
export function entriesOf(frame: string): Entry[] {
  return frame.split('\n').map(entryOf)
}

/** Reads an entry for the columns. It is no check: the fold decides from the text what is refused. */
function entryOf(text: string): Entry {
  const value = objectIn(text)
  if (value === undefined) return { text, kind: 'unreadable' }
  const time = instantIn(value['time'])
  if ('record' in value) return { text, kind: textIn(value['record']) ?? 'unreadable', time }
  const actor = value['actor']
  if (!isObject(actor)) return { text, kind: 'unreadable' }
  return {
    text,
    kind: 'event',
    id: textIn(value['id']),
    event: textIn(value['event']),
    actorType: textIn(actor['type']),
    actorId: textIn(actor['id']),
    time,
    receivedAt: instantIn(value['receivedAt']),
    source: textIn(value['source']),
  }
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A lone surrogate has no UTF-8 form, so such a text is in no column. */
const textIn = (value: unknown): string | undefined => (typeof value === 'string' && value.isWellFormed() ? value : undefined)

function instantIn(value: unknown): Instant | undefined {
  const at = typeof value === 'string' ? instantOf(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
