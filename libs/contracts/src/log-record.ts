import { z } from 'zod'
import { idSchema } from './activity-event.ts'
import { instantSchema } from './instant.ts'

const writer = idSchema.meta({ description: 'an ingest process, a source, or a backfill' })
const time = instantSchema

/** A tick of a writer means: everything that it accepted before `time` comes before this record in the partition. */
export const tickSchema = z.strictObject({ record: z.literal('tick'), writer, time })

/** After this record the partition's log time waits for this writer's ticks. */
export const writerOpenSchema = z.strictObject({ record: z.literal('writer.open'), writer, time })

/** After this record the partition's log time does not wait for this writer. `by` names the writer that closed a silent writer. */
export const writerCloseSchema = z.strictObject({ record: z.literal('writer.close'), writer, time, by: writer.optional() })

/** Events between begin and end are rows of history: each is followed by an implied tick at its arrival. */
export const backfillBeginSchema = z.strictObject({ record: z.literal('backfill.begin'), writer, time })
/** The record at the end of an import. */
export const backfillEndSchema = z.strictObject({ record: z.literal('backfill.end'), writer, time })

/** The records of `activity` that are not events. There is one schema for each kind; the field `record`, which no event has, names the kind. */
export const controlRecordSchema = z.discriminatedUnion('record', [tickSchema, writerOpenSchema, writerCloseSchema, backfillBeginSchema, backfillEndSchema])
export type ControlRecord = z.infer<typeof controlRecordSchema>
