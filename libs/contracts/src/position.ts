import { z } from 'zod'
import { actorSchema } from './activity-event.ts'

/** The last deadline that has fired after the record of a position: no smaller (deadline, type, id) is left to fire. */
export const cursorSchema = z.strictObject({ deadline: z.number(), actor: actorSchema })
export type Cursor = z.infer<typeof cursorSchema>

/**
 * How far a partition's log has been folded: the entry at (offset, index) has been applied, and of the deadlines that it made due
 * those up to the cursor have fired; `cursor: null` says that none has (or none was due). A million deadlines may be due at one
 * instant, so a transaction may end between two of them.
 */
export const positionSchema = z.strictObject({ offset: z.int().nonnegative(), index: z.int().nonnegative(), cursor: cursorSchema.nullable() })
export type Position = z.infer<typeof positionSchema>
