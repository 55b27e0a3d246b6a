import { z } from 'zod'
import { idSchema } from './activity-event.ts'
import { instantSchema } from './instant.ts'

const writer = idSchema.meta({ description: 'an ingest process, a source, or a backfill' })
const time = instantSchema

/** A tick of a writer means: everything that it accepted before `time` stands before this record in the partition. */
export const tickSchema = z.strictObject({ record: z.literal('tick'), writer, time })

/** After this record the partition's log time waits for this writer's ticks. */
export const writerOpenSchema = z.strictObject({ record: z.literal('writer.open'), writer, time })

/** After this record it no longer does. `by` names the writer that closed a silent one. */
export const writerCloseSchema = z.strictObject({ record: z.literal('writer.close'), writer, time, by: writer.optional() })

/** Events between begin and end are rows of history: each is followed by an implied tick at its arrival. */
export const backfillBeginSchema = z.strictObject({ record: z.literal('backfill.begin'), writer, time })
export const backfillEndSchema = z.strictObject({ record: z.literal('backfill.end'), writer, time })

/** Everything in `activity` that is not an event. One schema for each kind; the field `record`, which no event has, tells the kind. */
export const controlRecordSchema = z.discriminatedUnion('record', [tickSchema, writerOpenSchema, writerCloseSchema, backfillBeginSchema, backfillEndSchema])
export type ControlRecord = z.infer<typeof controlRecordSchema>
