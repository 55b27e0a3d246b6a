import { z } from 'zod'
import { activityEventSchema, actorSchema } from './activity-event.ts'
import { instantSchema } from './instant.ts'

/** The reason why an event is late: it arrived after its grace period, or it is below the floor of its actor. */
export const lateReasons = ['grace', 'bound'] as const
export type LateReason = (typeof lateReasons)[number]

/** One record of the topic `late`: an event that was recorded and counted, but not applied. */
export const lateRecordSchema = z.strictObject({
  reason: z.enum(lateReasons),
  logTime: instantSchema.nullable().meta({ description: 'log time T when the event came; null before the first tick' }),
  event: activityEventSchema,
  addressed: actorSchema.optional().meta({ description: 'the actor for whom it is late, if the cycle counts events for the actors that they name' }),
})
export type LateRecord = z.infer<typeof lateRecordSchema>

/**
 * How the text of a refused event is read when it is tried again: as a call of its dialect, as an event in Rondo's own form, as foreign JSON that needs
 * a mapping (`source`), or not at all, since it is a line of a file (`row`).
 */
export const refusedForms = ['segment', 'posthog', 'cloudevents', 'event', 'source', 'row'] as const
export type RefusedForm = (typeof refusedForms)[number]

/** One record of the topic `quarantine`: a refused event or record with its text and the reason. */
export const quarantineRecordSchema = z.strictObject({
  code: z.string().meta({ description: 'stable code, see docs/reference/errors.md' }),
  reason: z.string(),
  where: z.string().meta({ description: 'file and line, topic, partition, offset and index, or path of the request' }),
  refusedAt: instantSchema.nullable().meta({ description: 'null if a log is replayed' }),
  raw: z.string().meta({ description: 'what was refused, as it came, cut at 64 KiB; the secret part of a key is not kept' }),
  id: z.string().max(256).optional().meta({ description: 'an id that is equal in all copies of a refused event' }),
  path: z.string().optional().meta({ description: 'where the defect is in the event' }),
  source: z.string().max(256).optional().meta({ description: 'the source that its event carries' }),
  key: z.string().max(64).optional().meta({ description: 'the id of the key with which it was sent' }),
  form: z.enum(refusedForms).optional().meta({ description: 'the form in which its text is read when the event is tried again' }),
  call: z.string().max(64).optional().meta({ description: 'the type of call that the path of the request named' }),
  batch: z
    .strictObject({ sentAt: z.unknown().optional(), context: z.unknown().optional() })
    .optional()
    .meta({ description: 'the context that the batch gave for all of its calls' }),
  idPrefix: z.string().max(256).optional().meta({ description: "what is put before the record's own id, since ids of a topic are unique within their source" }),
})
export type QuarantineRecord = z.infer<typeof quarantineRecordSchema>
