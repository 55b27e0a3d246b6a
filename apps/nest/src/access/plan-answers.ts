import { z } from 'zod'
import { instantSchema, plannedEventSchema, unplannedSetSchema } from '#contracts'
import { wholeNumber } from '../http/query.ts'

const { version, mode } = plannedEventSchema.shape
const event = z.string({ error: 'expected the name of an event, once, such as ?event=Order%20Completed' }).min(1, { error: 'expected the name of an event' })
const versionText = wholeNumber(0, 999_999_999)

export const shownQuery = z.strictObject({ event, version: versionText.optional() })
export const retireQuery = z.strictObject({ event, expectedVersion: versionText.optional() })

const unplanned = unplannedSetSchema.pick({ mode: true }).extend({ version: z.int().nonnegative() })
const made = { version, at: instantSchema, by: z.string() }

export const planAnswer = z.strictObject({ unplanned, items: z.array(plannedEventSchema.omit({ schema: true })) })
export const plannedAnswer = plannedEventSchema
export const shownAnswer = z.strictObject({
  ...made,
  event: z.string(),
  mode: mode.nullable().meta({ description: 'null if this version took the name out of the plan; there is no schema then' }),
  schema: plannedEventSchema.shape.schema.optional(),
  versions: z.array(z.strictObject({ ...made, mode: mode.nullable() })),
})
export const retiredAnswer = z.strictObject({ event: z.string(), version })
export const unplannedAnswer = unplanned
