import { z } from 'zod'
import { type Quarantine, refusedFilterSchema } from '#quarantine'
import { isJson } from '../http/json-body.ts'
import { wholeNumber } from '../http/query.ts'

/** The query of a list; all values of a query are text. */
export const listSchema = refusedFilterSchema.extend({
  after: z.string().max(10_000).default('0'),
  limit: wholeNumber(1, 1000).default(100),
  state: z.enum(['open', 'settled', 'all']).default('open'),
  /** What a line of an export has: the whole record, or the refused text alone. */
  as: z.enum(['record', 'raw']).default('record'),
})

/**
 * A line of an export. Its `id` names the refused event in quarantine, as in every list; the id that its copies have in common is `copyId`. The text
 * of a refused event that is no JSON of one line is left out, since nothing could read it.
 */
export function exportLine({ id, state, receipt, record }: Awaited<ReturnType<Quarantine['find']>>, as: 'record' | 'raw'): string {
  if (as === 'record') {
    const { id: copyId, ...rest } = record
    return `${JSON.stringify({ id, state, receipt, copyId, ...rest })}\n`
  }
  return isJson(record.raw) ? `${record.raw.replaceAll(/[\r\n]/g, ' ')}\n` : ''
}
