import { z } from 'zod'
import { activityEventSchema, instantSchema, quarantineRecordSchema, quarantineReplayedSchema, repairSchema } from '#contracts'

const count = z.int().nonnegative()
const state = z.enum(['open', 'settled'])
const receipt = z.string().nullable()

export const refusedAnswer = z.strictObject({ id: z.string(), cursor: z.string(), record: quarantineRecordSchema, state, receipt })

/** How much is kept; null where the store does not tell it, or has no limit. */
const usage = z.strictObject({
  records: count.nullable(),
  bytes: count.nullable(),
  bytesMax: count.nullable(),
  ageMsMax: count.nullable(),
  dropped: z.strictObject({ records: count, lastAt: instantSchema.nullable() }),
})
const page = { next: z.string(), more: z.boolean() }

export const refusedListAnswer = {
  'application/json': z.strictObject({ items: z.array(refusedAnswer), ...page, usage }),
  'application/x-ndjson': z.string(),
}

const reasons = z.array(z.strictObject({ code: z.string(), reason: z.string(), count, id: z.string() }))
export const countsAnswer = z.strictObject({ open: count, reasons, more: z.boolean(), usage })

const receiptHead = { id: z.string(), kind: z.enum(['replayed', 'discarded']), at: instantSchema, by: z.string(), repair: repairSchema.optional() }
export const receiptsAnswer = z.strictObject({ items: z.array(z.strictObject({ ...receiptHead, count, late: count })) })
export const receiptAnswer = z.strictObject({
  ...receiptHead,
  items: z.array(quarantineReplayedSchema.shape.items.element.extend({ event: z.string().optional() })),
})

const outcomes = {
  tried: count,
  accepted: count,
  late: count,
  copies: count,
  refused: count,
  reasons,
  samples: z.array(z.strictObject({ id: z.string(), outcome: z.enum(['accepted', 'late', 'copy']), event: activityEventSchema })),
}
export const previewAnswer = z.strictObject({ ...outcomes, ...page })
export const settledAnswer = z.strictObject({ ...outcomes, ...page, receipt: z.string().optional() })
