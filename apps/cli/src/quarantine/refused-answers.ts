import { z } from 'zod'

const record = z.looseObject({ code: z.string(), reason: z.string(), where: z.string(), refusedAt: z.string().nullable(), raw: z.string() })
/** A refused event as the server answers it. */
export const refusedSchema = z.looseObject({ id: z.string(), state: z.string(), receipt: z.string().nullable(), record })
export type Refused = z.infer<typeof refusedSchema>

const amounts = { records: z.int().nullable(), bytes: z.int().nullable(), bytesMax: z.int().nullable(), ageMsMax: z.int().nullable() }
const usage = z.looseObject({ ...amounts, dropped: z.looseObject({ records: z.int(), lastAt: z.string().nullable() }) })
export type Usage = z.infer<typeof usage>
const page = { next: z.string(), more: z.boolean() }
/** A page of refused events. */
export const listSchema = z.looseObject({ items: z.array(refusedSchema), ...page, usage })

const reason = z.looseObject({ code: z.string(), reason: z.string(), count: z.int(), id: z.string() })
const sample = z.looseObject({ id: z.string(), outcome: z.string(), event: z.unknown() })
const counts = { tried: z.int(), accepted: z.int(), late: z.int(), copies: z.int(), refused: z.int() }
/** What became, or would become, of refused events. */
export const outcomesSchema = z.looseObject({ ...counts, reasons: z.array(reason), samples: z.array(sample), receipt: z.string().optional(), ...page })
export type Outcomes = z.infer<typeof outcomesSchema>

const receipt = z.looseObject({ id: z.string(), kind: z.string(), at: z.string(), by: z.string(), count: z.int() })
/** The newest receipts. */
export const receiptsSchema = z.looseObject({ items: z.array(receipt) })
/** A receipt with the refused events that it settled. */
export const receiptSchema = z.looseObject({
  id: z.string(),
  items: z.array(z.looseObject({ id: z.string(), event: z.string().optional(), late: z.boolean().optional() })),
})
