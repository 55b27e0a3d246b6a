import { z } from 'zod'
import { instantSchema } from './instant.ts'
import { planDefectSchema } from './planned-event.ts'

/** Ids are compared as UTF-8 bytes, and their length is limited in UTF-8 bytes. */
export const ID_BYTES_MAX = 256

const encoder = new TextEncoder()
const withinIdBytes = (text: string): boolean => text.length * 3 <= ID_BYTES_MAX || encoder.encode(text).length <= ID_BYTES_MAX

/** A lone surrogate has no UTF-8 form. Written as UTF-8, two different ids would become equal. */
export const idSchema = z
  .string()
  .min(1, { error: 'expected a non-empty id' })
  .refine(withinIdBytes, { error: `expected an id of at most ${ID_BYTES_MAX} bytes of UTF-8` })
  .refine((text) => text.isWellFormed(), { error: 'expected well-formed Unicode (the id has half of a surrogate pair)' })

/** The actor of an event. */
export const actorSchema = z.strictObject({
  type: idSchema.meta({ description: 'what kind of actor: user, musician, account' }),
  id: idSchema.meta({ description: "the actor's id, unique within its type" }),
})
export type Actor = z.infer<typeof actorSchema>

const jsonObject = z.record(z.string(), z.unknown())

/** An event, as a record of the topic `activity`. Its types are the call types of the Segment specification. */
export const activityEventSchema = z.strictObject({
  id: idSchema.meta({ description: 'the id of the event (messageId of a call); all copies of an event have the same' }),
  type: z.enum(['track', 'page', 'screen', 'identify', 'group', 'alias']).default('track'),
  event: z.string().min(1).max(1024).meta({ description: 'the name of what happened, such as Order Completed' }),
  actor: actorSchema,
  time: instantSchema.meta({ description: 'when it happened; at most its arrival' }),
  receivedAt: instantSchema.meta({ description: 'the arrival of the event: when it was accepted' }),
  claimedTime: instantSchema
    .optional()
    .meta({ description: 'the time that the sender gave, if it was ahead of the clock of Rondo; `time` is then the arrival' }),
  properties: jsonObject.optional(),
  traits: jsonObject.optional(),
  context: jsonObject.optional(),
  planDefect: planDefectSchema.optional().meta({ description: 'why it does not fit the tracking plan, if the plan observes this' }),
  anonymousId: idSchema.optional().meta({ description: 'of an identify or alias call: the id that its user had as a visitor' }),
  addressed: z.array(idSchema).optional().meta({ description: 'the ids of other actors, named in it, into whose partitions it was written too' }),
  countsFor: z
    .array(idSchema)
    .optional()
    .meta({ description: 'the ids of the actors for which it stands in this partition, where a copy of the log made one partition of several' }),
  source: z.string().max(256).optional().meta({ description: 'the gateway, import or topic it came through' }),
})
export type ActivityEvent = z.infer<typeof activityEventSchema>
