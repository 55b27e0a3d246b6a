import { z } from 'zod'
import { pathSchema, referenceSchema, sourceMappingSchema } from './source-list.ts'

/** A place in the refused JSON that can be written: not what belongs to a record beside it, such as $key. */
const fieldSchema = pathSchema.refine((path) => !path.startsWith('$'), { error: 'expected the path of a field, such as properties.total or /properties/total' })

/**
 * What is changed in a refused event before it is tried again. All values are taken from the event as it came; then `map` and `set` write them, and `remove`
 * deletes. So to rename a field is to set the new one and to remove the old one.
 */
export const repairSchema = z
  .strictObject({
    map: sourceMappingSchema.optional().meta({ description: 'where the parts of the event are; parts that are not named are read as before' }),
    set: z.record(fieldSchema, referenceSchema).optional().meta({ description: 'fields that get a value: path of the field to what is taken' }),
    remove: z.array(fieldSchema).min(1).max(100).optional().meta({ description: 'fields that are deleted' }),
    timeFormat: z.string().max(64).optional().meta({ description: 'how its time is written, as in a file of sources' }),
    timezone: z.string().max(64).optional().meta({ description: 'the IANA time zone of a time without an offset; UTC without it' }),
  })
  .refine(({ set }) => Object.keys(set ?? {}).length <= 100, { path: ['set'], error: 'expected at most 100 fields' })
export type Repair = z.infer<typeof repairSchema>
