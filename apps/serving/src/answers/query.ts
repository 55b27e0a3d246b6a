import { z } from 'zod'
import { parseInstant, RondoError } from '#contracts'

/** A whole number, which is text in a query. */
export function wholeNumber(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}`
  return z
    .string({ error: message })
    .regex(/^\d{1,16}$/, { error: message })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: message })
}

/** A cursor in a query; its list checks it. */
export const cursorText = z.string({ error: 'expected a cursor' }).regex(/^[\d.]{1,10000}$/, { error: 'expected a cursor' })

/** The `seq` of an output: its position in the history of its actor. */
export const cursorParameter = wholeNumber(0, Number.MAX_SAFE_INTEGER)

/** A time with an offset, as an instant. */
export const timeParameter = z.string({ error: 'expected a time, once' }).transform((text, context) => {
  const at = parseInstant(text)
  if (at === undefined) context.addIssue('expected an ISO 8601 time with an offset, such as 2026-01-31T12:00:00Z')
  return at ?? z.NEVER
})

export const flagParameter = z.enum(['true', 'false'], { error: 'expected true or false' }).transform((text) => text === 'true')

/**
 * The parameters of a request.
 * @throws RondoError RONDO_ARGUMENT_INVALID with all defects
 */
export function readQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const result = schema.safeParse(query)
  if (result.success) return result.data
  const defects = result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => `${name}: there is no such parameter`)
    return [issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`]
  })
  throw new RondoError('RONDO_ARGUMENT_INVALID', `The query cannot be used: ${defects.join('; ')}.`)
}
