import { z } from 'zod'
import { parseInstant, RondoError } from '#contracts'
import { nearestName } from '#cycle'
import { wholeNumber } from '../../../nest/src/http/query.ts'

export { readQuery, wholeNumber } from '../../../nest/src/http/query.ts'

/** A refusal of one parameter that no schema can express. @param text what was expected, and what exists */
export const unusable = (parameter: string, text: string): RondoError =>
  new RondoError('RONDO_ARGUMENT_INVALID', `The query cannot be used: ${parameter}: ${text}.`)

/** A cursor in a query; its list checks it. */
export const cursorText = z.string({ error: 'expected a cursor' }).regex(/^[\d.]{1,10000}$/, { error: 'expected a cursor' })

/** The `seq` of an output: its position in the history of its actor. */
export const cursorParameter = wholeNumber(0, Number.MAX_SAFE_INTEGER)

/** A time with an offset, as an instant. */
export const timeParameter = z
  .string({ error: 'expected a time, once' })
  .transform((text, context) => {
    const at = parseInstant(text)
    if (at === undefined) context.addIssue('expected an ISO 8601 time with an offset, such as 2026-01-31T12:00:00Z')
    return at ?? z.NEVER
  })
  .meta({ wire: { type: 'string', format: 'date-time' } })

export const flagParameter = z
  .enum(['true', 'false'], { error: 'expected true or false' })
  .transform((text) => text === 'true')
  .meta({ wire: { type: 'boolean' } })

/** The cycle of a question, which need not be named if one cycle is shown. */
export const cycleParameter = z
  .string({ error: 'expected the name of a cycle, once' })
  .optional()
  .meta({ wire: { type: 'string', description: 'the name of the cycle; needed only where several are shown' } })

/** No name of a zone is longer. */
const ZONE_LENGTH_MAX = 64

/** A time zone, as it was written. */
export const zoneParameter = z
  .string({ error: 'expected a time zone, once' })
  .refine(isTimeZone, { error: ({ input }) => `expected an IANA time zone such as Europe/Amsterdam${nearZone(String(input))}` })
  .optional()
  .meta({ wire: { type: 'string', description: 'an IANA time zone, such as Europe/Amsterdam; that of the cycle unless given' } })

function isTimeZone(name: string): boolean {
  if (name.length > ZONE_LENGTH_MAX) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function nearZone(name: string): string {
  const near = name.length > ZONE_LENGTH_MAX ? undefined : nearestName(name, Intl.supportedValuesOf('timeZone'))
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** The cursor of a list, which the list reads. */
export const afterParameter = z.string({ error: 'expected a cursor, once' }).optional()

/** How many items one answer has. */
export const limitParameter = wholeNumber(1, 1000).default(100)

/** The id of a stage; the question checks it. */
export const stageParameter = z.string({ error: 'expected the id of a stage, once' }).optional()

const FILTERS_MAX = 10
const FILTER = `expected TRAIT:VALUE, such as country:NL, or !TRAIT, at most ${FILTERS_MAX} times`

/** `where=country:NL`, which may be repeated: only actors whose newest traits all have these values; `where=!country`: those without the trait. */
export const whereParameter = z
  .union([z.string(), z.array(z.string()).max(FILTERS_MAX)], { error: FILTER })
  .transform((texts, context) => {
    const filters = [texts].flat().map(filterOf)
    if (filters.includes(undefined)) context.addIssue(FILTER)
    return filters.filter((filter) => filter !== undefined)
  })
  .optional()
  .meta({
    wire: {
      type: 'array',
      items: { type: 'string', pattern: '^([^:!][^:]*:|![^:]+$)' },
      maxItems: FILTERS_MAX,
      description: 'TRAIT:VALUE, such as country:NL: only actors whose newest trait has this value; !TRAIT: only those without it; repeated, all must hold',
    },
  })

function filterOf(text: string): { readonly trait: string; readonly value: string | null } | undefined {
  const [, without] = /^!([^:]+)$/s.exec(text) ?? []
  if (without !== undefined) return { trait: without, value: null }
  const [, trait, value] = /^([^:!][^:]*):(.*)$/s.exec(text) ?? []
  return trait === undefined || value === undefined ? undefined : { trait, value }
}
