import { z } from 'zod'
import { plainExpectation, RondoError } from '#contracts'
import { nearestName } from '#cycle'

/** A whole number, which is text in a query. */
export function wholeNumber(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}`
  return z
    .string({ error: message })
    .regex(/^\d{1,16}$/, { error: message })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: message })
    .meta({ wire: { type: 'integer', minimum: min, maximum: max } })
}

/**
 * The parameters of a request.
 * @throws RondoError RONDO_ARGUMENT_INVALID with all defects
 */
export function readQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const result = schema.safeParse(query, { error: plainExpectation })
  if (result.success) return result.data
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const defects = result.error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => unknownParameter(name, known))
    return [issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`]
  })
  throw new RondoError('RONDO_ARGUMENT_INVALID', `The query cannot be used: ${defects.join('; ')}.`)
}

/** How much of a name a message shows. */
const NAME_LENGTH_MAX = 64

function unknownParameter(name: string, known: readonly string[]): string {
  const shown = name.slice(0, NAME_LENGTH_MAX)
  const near = nearestName(shown, known)
  return `${shown}: there is no such parameter${near === undefined ? '' : `; did you mean ${near}?`}`
}
