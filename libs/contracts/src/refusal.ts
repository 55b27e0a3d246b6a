import { z } from 'zod'
import { activityEventSchema } from './activity-event.ts'
import { instantSchema } from './instant.ts'

/** The reason why an event is late: it arrived after its grace period, or it is below the floor of its actor. */
export const lateReasons = ['grace', 'bound'] as const
export type LateReason = (typeof lateReasons)[number]

/** One record of the topic `late`: an event that was recorded and counted, but not applied. */
export const lateRecordSchema = z.strictObject({
  reason: z.enum(lateReasons),
  logTime: instantSchema.nullable().meta({ description: 'the log time T that met it; null before the first tick' }),
  event: activityEventSchema,
})
export type LateRecord = z.infer<typeof lateRecordSchema>

/** One record of the topic `quarantine`: a refused event or record with its text and the reason. */
export const quarantineRecordSchema = z.strictObject({
  code: z.string().meta({ description: 'stable code, see docs/reference/errors.md' }),
  reason: z.string(),
  where: z.string().meta({ description: 'file and line, topic, partition, offset and index, or path of the request' }),
  refusedAt: instantSchema.nullable().meta({ description: 'null where a log is replayed' }),
  raw: z.string().meta({ description: 'what was refused, as it came, cut at 64 KiB' }),
})
export type QuarantineRecord = z.infer<typeof quarantineRecordSchema>
