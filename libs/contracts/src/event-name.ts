import { z } from 'zod'
import { instantSchema } from './instant.ts'

/** One kind of defect of the events of a name: what the tracking plan expects at one place. */
export const defectSampleSchema = z.strictObject({
  path: z.string().nullable(),
  events: z.int().meta({ description: 'how many events have a defect at this place' }),
  reason: z.string().meta({ description: 'of the newest of them, as are id, actor and receivedAt' }),
  id: z.string(),
  actor: z.string(),
  receivedAt: instantSchema,
})
export type DefectSample = z.infer<typeof defectSampleSchema>

/**
 * The events of one name in one partition, from `since` to the position of the batch that the record was committed with. A newer record of the
 * same name replaces it; records with another `since` than the newest one of the partition are obsolete.
 */
export const eventNameSchema = z.strictObject({
  name: z.string().nullable().meta({ description: 'null for all names beyond the limit' }),
  since: instantSchema.nullable().meta({ description: 'the log time from which is counted; null for the beginning of the log' }),
  events: z.int(),
  firstAt: instantSchema.nullable().meta({ description: 'the first arrival' }),
  lastAt: instantSchema.nullable().meta({ description: 'the last arrival' }),
  signals: z.array(z.string()).meta({ description: 'the signals that matched at least one of them' }),
  defects: z.int().meta({ description: 'how many of them do not fit the tracking plan' }),
  samples: z.array(defectSampleSchema).meta({ description: 'their defects by place, for the newest version of the plan only' }),
  version: z.int().meta({ description: 'the version of the plan that the samples are about; 0 if the plan does not have the name' }),
})
export type EventName = z.infer<typeof eventNameSchema>
