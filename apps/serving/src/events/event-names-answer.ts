import { z } from 'zod'
import { eventNameSchema, instantSchema, plannedEventSchema, unplannedModes } from '#contracts'
import { missingPathAnswer } from '../cycles/remark-list.ts'

const { event, version, mode } = plannedEventSchema.shape
const { events, defects, samples, signals, firstAt, lastAt } = eventNameSchema.shape

/** The names of stored events, beside what the definition and the tracking plan expect. */
export const eventNamesAnswer = z.strictObject({
  since: instantSchema.nullable().meta({ description: 'the log time from which is counted; null for the beginning of the log' }),
  partitions: z.strictObject({ known: z.int(), all: z.int() }),
  items: z.array(
    z.strictObject({
      event,
      events,
      firstAt,
      lastAt,
      signals,
      defects,
      samples,
      near: z.string().nullable().meta({ description: 'the name of a signal or of the plan that this one looks like' }),
      contract: z.strictObject({ version, mode }).nullable(),
    }),
  ),
  others: z.strictObject({ events, defects, firstAt, lastAt }).meta({ description: 'all names beyond the limit' }),
  unplanned: z.enum(unplannedModes).nullable().meta({ description: 'what happens to names that are not in the plan' }),
  signalsWithoutEvents: z.array(
    z.strictObject({
      signal: z.string(),
      events: z.array(z.string()),
      named: z.int().meta({ description: 'stored events that have the name, but which the signal does not match' }),
    }),
  ),
  pathsWithoutEvents: z
    .array(missingPathAnswer)
    .meta({ description: 'paths that the definition reads, and at which no event, or none of the last, has a value' }),
  plannedWithoutEvents: z.array(z.strictObject({ event, version, mode })),
})
