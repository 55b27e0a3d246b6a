import { z } from 'zod'
import { parseInstant } from '#contracts'
import { wholeNumber } from '../../../nest/src/http/query.ts'

export { readQuery, wholeNumber } from '../../../nest/src/http/query.ts'

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
