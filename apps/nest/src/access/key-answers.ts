import { z } from 'zod'
import {
  eventPlannedSchema,
  eventRetiredSchema,
  instantSchema,
  keyCreatedSchema,
  keyEndedSchema,
  keySchema,
  plannedEventSchema,
  quarantineDiscardedSchema,
  quarantineReplayedSchema,
  reloadedSchema,
  reloadRefusedSchema,
  unplannedSetSchema,
} from '#contracts'
import { wholeNumber } from '../http/query.ts'

const request = keySchema.omit({ id: true, hash: true })

/** The request for a key: each role has scopes of its own. */
export const keyBody = z.discriminatedUnion('role', [
  request.omit({ cycles: true }).extend({ role: z.literal('write') }),
  request.omit({ source: true, origins: true, eventsPerSecond: true }).extend({ role: z.literal('read') }),
  request.omit({ source: true, origins: true, eventsPerSecond: true, cycles: true }).extend({ role: z.literal('admin') }),
])

/** A key as lists show it. */
export const shownKey = keySchema
  .omit({ hash: true, expiresAt: true })
  .extend({ createdAt: instantSchema, endsAt: instantSchema.nullable(), valid: z.boolean() })
export const keysAnswer = z.strictObject({ items: z.array(shownKey) })
export const createdAnswer = z.strictObject({ text: z.string(), key: shownKey })

const shownAct = z.discriminatedUnion('kind', [
  keyCreatedSchema.extend({ key: keySchema.omit({ hash: true }) }),
  keyEndedSchema,
  eventPlannedSchema.extend({ planned: plannedEventSchema.omit({ schema: true }) }),
  eventRetiredSchema,
  unplannedSetSchema,
  quarantineReplayedSchema.omit({ items: true }),
  quarantineDiscardedSchema.omit({ items: true }),
  reloadedSchema,
  reloadRefusedSchema,
])
/** Acts are never removed, so the number of acts before a page does not change. */
const ACTS_MAX = 1000
export const auditQuery = z.strictObject({
  before: wholeNumber(1, Number.MAX_SAFE_INTEGER).optional(),
  limit: wholeNumber(1, ACTS_MAX).default(ACTS_MAX),
})
export const auditAnswer = z.strictObject({ items: z.array(shownAct), next: z.int().nullable() })

/** overlapMsOf reads it; the pattern has the durations of the document that are not above 30d. */
const duration = z
  .string({ error: 'expected a duration, once' })
  .meta({ wire: { type: 'string', pattern: '^(\\d{1,6}ms|\\d{1,4}[sm]|\\d{1,2}h|[12]?\\dd|30d|[1-4]w)$' } })
export const rotateQuery = z.strictObject({ overlap: duration.optional() })
export const revokeQuery = z.strictObject({ after: duration.optional() })
