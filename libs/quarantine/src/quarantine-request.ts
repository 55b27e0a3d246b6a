import { z } from 'zod'
import { plainExpectation, type Repair, RondoError, repairSchema } from '#contracts'
import { defectOfTimes } from '#sources'
import { refusedFilterSchema } from './refused-filter.ts'

/** How many refused events one request settles, at most and by default. */
const LIMIT_MAX = 10_000
const LIMIT = 1000
/** A repair is kept with each receipt. */
const REPAIR_LENGTH_MAX = 65_536

const NO_CHOICE = 'expected ids, a filter with at least one field, or all: true'
/** All refused events are never meant by mistake: they need a field of their own. */
const choice = {
  filter: refusedFilterSchema
    .refine((filter) => Object.keys(filter).length > 0, { error: 'expected at least one field; all: true in place of a filter means all' })
    .meta({ minProperties: 1 })
    .optional(),
  all: z.literal(true).optional(),
}
const anyChoice = { anyOf: [{ required: ['ids'] }, { required: ['filter'] }, { required: ['all'] }] }
const isChosen = ({ ids, filter, all }: { ids?: unknown; filter?: unknown; all?: unknown }): boolean => [ids, filter, all].some((each) => each !== undefined)

const triedSchema = z.strictObject({
  /** These refused events alone. */
  ids: z.array(z.string().min(1).max(256)).min(1).max(LIMIT_MAX).optional(),
  filter: refusedFilterSchema.optional(),
  after: z.string().max(10_000).default('0'),
  /** How many refused events are tried. */
  limit: z.int().min(1).max(LIMIT_MAX).default(LIMIT),
})
/** A request to discard refused events. */
export const discardSchema = triedSchema.extend(choice).refine(isChosen, { error: NO_CHOICE }).meta(anyChoice)
/** A request to say what would become of refused events; of all, if it does not choose. */
export const previewSchema = triedSchema.extend({
  repair: repairSchema.default({}),
  /** What is done with late events: they stay in quarantine, or they are recorded in the log, where they change nothing. */
  late: z.enum(['keep', 'record']).default('keep'),
})
/** A request to write refused events into the log, as they are or repaired. */
export const replaySchema = previewSchema.extend(choice).refine(isChosen, { error: NO_CHOICE }).meta(anyChoice)
export type DiscardRequest = z.output<typeof discardSchema>
export type ReplayRequest = z.output<typeof previewSchema>

/** @throws RondoError RONDO_ARGUMENT_INVALID with all defects */
export function readRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value, { error: plainExpectation })
  const defects = result.success ? defectsOfRepair((result.data as { repair?: Repair }).repair) : result.error.issues.map(textOf)
  if (result.success && defects.length === 0) return result.data
  throw new RondoError('RONDO_ARGUMENT_INVALID', `The request cannot be used: ${defects.join('; ')}.`)
}

function textOf(defect: z.core.$ZodIssue): string {
  if (defect.code === 'unrecognized_keys') return defect.keys.map((key) => `${[...defect.path, key].join('.')}: there is no such field`).join('; ')
  return defect.path.length === 0 ? defect.message : `${defect.path.join('.')}: ${defect.message}`
}

function defectsOfRepair(repair: Repair | undefined): string[] {
  if (repair === undefined) return []
  if (JSON.stringify(repair).length > REPAIR_LENGTH_MAX) return [`repair: expected at most ${REPAIR_LENGTH_MAX} characters`]
  const defect = defectOfTimes({ timeFormat: repair.timeFormat, timezone: repair.timezone })
  return defect === undefined ? [] : [`repair.${defect.key}: ${defect.reason}`]
}
