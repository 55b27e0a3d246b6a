import { z } from 'zod'
import { actorSchema } from './activity-event.ts'

/** The last deadline that has fired after the record of a position. All deadlines that are due with a smaller (deadline, type, id) have fired. */
export const cursorSchema = z.strictObject({ deadline: z.number(), actor: actorSchema })
export type Cursor = z.infer<typeof cursorSchema>

/**
 * The point up to which a partition's log has been folded. The entry at (offset, index) has been applied, and the deadlines that became due
 * with it have fired up to the cursor; null if none has fired. A million deadlines may be due at one instant, so a transaction may end
 * between two of them.
 */
export const positionSchema = z.strictObject({ offset: z.int().nonnegative(), index: z.int().nonnegative(), cursor: cursorSchema.nullable() })
export type Position = z.infer<typeof positionSchema>
