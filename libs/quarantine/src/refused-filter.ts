import { z } from 'zod'
import { errorCodes, type Instant, instantOf, instantSchema } from '#contracts'
import { nearestName } from '#cycle'
import type { KeptRefusal } from '#event-log'

const text = z.string().min(1).max(256)
/** How much of a code that does not exist a message shows. */
const CODE_LENGTH_MAX = 64

function unknownCode(code: unknown): string {
  if (typeof code !== 'string') return 'expected an error code'
  const shown = code.slice(0, CODE_LENGTH_MAX)
  const near = nearestName(shown, errorCodes)
  return `there is no error code ${JSON.stringify(shown)}${near === undefined ? '; docs/reference/errors.md lists them' : `; did you mean ${near}?`}`
}

/** Which refused events are meant; those that have all of this. */
export const refusedFilterSchema = z.strictObject({
  code: z.enum(errorCodes, { error: ({ input }) => unknownCode(input) }).optional(),
  source: text.optional(),
  key: text.optional(),
  from: instantSchema.optional(),
  until: instantSchema.optional(),
  text: text.optional(),
  /** What refused them: admission, or the fold of the log. 'door' is the older name of 'admission'; clients may still send it. */
  of: z.enum(['admission', 'log', 'door'], { error: 'expected one of admission, log' }).optional(),
})
export type RefusedFilter = z.infer<typeof refusedFilterSchema>

const EQUAL_FIELDS = ['code', 'source', 'key'] as const

const isOfLog = ({ record }: KeptRefusal): boolean => record.where.startsWith('activity partition ')

/** The condition of a filter. */
export function matcherOf(filter: RefusedFilter): (kept: KeptRefusal) => boolean {
  const { of } = filter
  const [from, until] = [filter.from, filter.until].map((time) => (time === undefined ? undefined : instantOf(time)))
  const wanted = filter.text?.toLowerCase()
  return (kept) => {
    const { record } = kept
    if (EQUAL_FIELDS.some((field) => filter[field] !== undefined && record[field] !== filter[field])) return false
    if (of !== undefined && (of === 'log') !== isOfLog(kept)) return false
    return isWithin(record.refusedAt, from, until) && (wanted === undefined || hasText(kept, wanted))
  }
}

function isWithin(refusedAt: string | null, from: Instant | undefined, until: Instant | undefined): boolean {
  if (from === undefined && until === undefined) return true
  if (refusedAt === null) return false
  const at = instantOf(refusedAt)
  return at >= (from ?? Number.NEGATIVE_INFINITY) && at < (until ?? Number.POSITIVE_INFINITY)
}

function hasText({ record: { raw, reason, where } }: KeptRefusal, wanted: string): boolean {
  return [raw, reason, where].some((part) => part.toLowerCase().includes(wanted))
}
