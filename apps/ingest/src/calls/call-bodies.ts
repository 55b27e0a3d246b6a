import { z } from 'zod'

// What the readers of libs/sources accept, for the OpenAPI document. test/e2e/openapi.e2e.spec.ts sends bodies that follow these schemas, and
// bodies that do not. Times are left out: JSON Schema cannot say that a time may not be in the future.

/** An id of which 256 bytes of UTF-8 are read. Numbers are taken as text; null and an empty text count as missing. */
const id = z.union([z.string().min(1).max(256), z.number().meta({ wire: { type: 'integer' } })])
const missing = z.union([z.null(), z.literal('')])
const object = z.record(z.string(), z.unknown()).nullable().optional()
/** Rule 18: a number beyond 2^53 is read as the text of its digits, so it counts as text everywhere. */
const beyond = z.union([z.number().gt(Number.MAX_SAFE_INTEGER), z.number().lt(-Number.MAX_SAFE_INTEGER)])
const text = z.union([z.string().min(1), beyond])
const name = z.union([z.string().min(1).max(1024), beyond])

const segmentCall = z
  .looseObject({ messageId: z.union([id, missing]).optional(), properties: object, traits: object, context: object })
  .and(z.union([z.looseObject({ userId: id }), z.looseObject({ userId: missing.optional(), anonymousId: id })]))

/** One call of the Segment dialect; docs/reference/send-events.md has all its members. */
export const callBody = segmentCall
/** A track call, which needs a name. */
export const trackBody = z.looseObject({ event: name }).and(segmentCall)

/** A batch of the Segment dialect. A call that is refused does not prevent the others, so each may be anything. */
export const batchBody = z.looseObject({ batch: z.array(z.unknown()) })

/** One capture of PostHog, a list of them, or a batch. */
export const capturesBody = z.union([
  z.array(z.unknown()),
  z.looseObject({ batch: z.array(z.unknown()) }),
  z.looseObject({
    batch: z.never().optional(),
    event: name,
    distinct_id: id,
    uuid: z.union([id, missing]).optional(),
    properties: z.union([z.record(z.string(), z.unknown()), missing]).optional(),
  }),
])

const cloudEvent = z.looseObject({
  specversion: z.literal('1.0'),
  id: text,
  source: text,
  type: name,
  subject: z.union([z.string().min(1).max(256), beyond]),
})

/** A CloudEvent in structured mode, or a batch of them. In binary mode the attributes are headers (`ce-id` …) and the body is the data. */
export const cloudEventsBody = { 'application/cloudevents+json': cloudEvent, 'application/cloudevents-batch+json': z.array(z.unknown()) }

const rejectedSchema = z.strictObject({ index: z.int().nonnegative(), code: z.string(), message: z.string(), path: z.string().optional() })

/** The answer to a client: how many events were accepted, and which were refused. */
export const callsAnswer = z.strictObject({ success: z.boolean(), accepted: z.int().nonnegative(), rejected: z.array(rejectedSchema) })
/** The answer that clients of PostHog expect. */
export const capturesAnswer = callsAnswer.extend({ status: z.literal(1) })
export type CallsAnswer = z.infer<typeof callsAnswer>
