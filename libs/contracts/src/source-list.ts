import { z } from 'zod'
import { nameSchema } from './name.ts'

/** Formats with a known structure, which need no mapping. */
const sourceFormats = ['json', 'cloudevents', 'segment'] as const
export type SourceFormat = (typeof sourceFormats)[number]

const PATH_FORM = 'such as user.id, /user/id, $ for the whole value, $key, $timestamp or $headers.NAME'

/** With an empty path every record of the topic would be refused. */
function isPath(text: string): boolean {
  if (text.startsWith('/')) return !/~(?![01])/.test(text)
  if (text.startsWith('$')) return /^\$(|key|timestamp|headers\..+)$/.test(text)
  return text.split('.').every((step) => step !== '')
}

/** A path into a record of a source. */
export const pathSchema = z
  .string()
  .max(512)
  .refine(isPath, { error: `expected a path ${PATH_FORM}` })
  .meta({ description: `where a value stands in a record, ${PATH_FORM}` })

/** Where a part of an event is in a record: a path, several paths of which the first with a value counts, or a text. */
export const referenceSchema = z
  .union(
    [
      pathSchema,
      z.array(pathSchema).min(1).meta({ description: 'the first of these that has a value' }),
      z.strictObject({ text: z.string().min(1).max(1024) }).meta({ description: 'a text that is the same for every record' }),
      z.strictObject({ join: z.array(pathSchema).min(2) }).meta({ description: 'the values at these paths, joined by #; no value if one of them is missing' }),
    ],
    { error: `expected a path ${PATH_FORM}, a list of paths, {text: ...} or {join: [paths]}` },
  )
  .meta({ description: 'what is taken from a record' })
/** The source of a value: a path in the record, the first of several paths that has a value, a fixed text, or several values joined. */
export type Reference = z.infer<typeof referenceSchema>

/** Maps the parts of an event to paths in a record or a line. */
export const sourceMappingSchema = z.strictObject({
  id: referenceSchema
    .optional()
    .meta({ description: 'where the id of the event is, which all copies have; a record without an id is known by its topic, partition and offset' }),
  event: referenceSchema.optional().meta({ description: 'the name of what happened' }),
  actor: referenceSchema.optional().meta({ description: "the actor's id" }),
  actorType: referenceSchema.optional().meta({ description: "the actor's type; user if the record has none" }),
  time: referenceSchema.optional().meta({ description: 'when it happened' }),
  properties: referenceSchema.optional(),
  traits: referenceSchema.optional(),
  context: referenceSchema.optional(),
})
export type SourceMapping = z.infer<typeof sourceMappingSchema>

const sourceSchema = z
  .strictObject({
    name: nameSchema.meta({ description: 'the name of the source, of its writer and of its consumer group; it must not change while the source is read' }),
    topic: z
      .string()
      .regex(/^[a-zA-Z0-9._-]{1,220}$/, { error: 'expected the name of a topic, at most 220 letters, digits, dots, dashes and underscores' })
      .meta({ description: 'a topic of another system' }),
    format: z.enum(sourceFormats).default('json'),
    map: sourceMappingSchema.optional().meta({ description: 'where the parts of an event are, if the format does not define it' }),
    idScope: z.enum(['source', 'global']).default('source').meta({
      description:
        'where an id is unique: within this source, whose name is then put before it; or everywhere, so that copies from other sources and HTTP are dropped',
    }),
    timeFormat: z.string().max(64).optional().meta({
      description:
        'how times are written: iso, date, compact, seconds, millis, micros, nanos, or a pattern such as DD/MM/YYYY HH:mm; without it Rondo recognizes the form',
    }),
    timezone: z.string().max(64).optional().meta({ description: 'the IANA time zone of times without an offset; UTC without it' }),
    start: z
      .enum(['beginning', 'end'])
      .default('beginning')
      .meta({ description: 'where the first reading of the topic begins; later readings continue where the last one ended' }),
    retired: z.boolean().default(false).meta({ description: 'the source is no longer read, and log time no longer waits for it' }),
  })
  .refine(({ format, map }) => format !== 'segment' || Object.keys(map ?? {}).every((part) => part === 'actorType'), {
    path: ['map'],
    error: 'a Segment call says itself where everything stands: expected actorType at most',
  })
export type SourceDefinition = z.infer<typeof sourceSchema>

/** The topics of other systems that ingest reads, and the mapping of their records to events. */
export const sourceListSchema = z.strictObject({
  sources: z
    .array(sourceSchema)
    .min(1)
    .superRefine((sources, context) => {
      for (const key of ['name', 'topic'] as const) {
        for (const [at, source] of sources.entries()) {
          if (sources.findIndex((other) => other[key] === source[key]) === at) continue
          context.addIssue({ code: 'custom', path: [at, key], message: `expected each ${key} once, found ${source[key]} again` })
        }
      }
    }),
})
export type SourceList = z.infer<typeof sourceListSchema>
