import { z } from 'zod'
import { instantSchema } from './instant.ts'
import { nameSchema } from './name.ts'
import { plannedEventSchema, unplannedModes } from './planned-event.ts'
import { repairSchema } from './repair.ts'

/** The role of a key: to send events, to read answers, or to administer, which includes both. */
export const keyRoles = ['write', 'read', 'admin'] as const
export type KeyRole = (typeof keyRoles)[number]

const keyIdSchema = z.string().regex(/^[0-9a-f]{12}$/, { error: 'expected the 12 characters of a key id' })

/** A web origin as browsers send it, such as https://shop.example. */
const originSchema = z.string().regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/, { error: 'expected an origin such as https://shop.example, without a path' })

/** A key as it is stored: with the hash of its text, never with the text. */
export const keySchema = z.strictObject({
  id: keyIdSchema.meta({ description: 'the public part of the key, which names it in lists and in the audit log' }),
  role: z.enum(keyRoles),
  name: z.string().min(1).max(200).meta({ description: 'what people call it' }),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .meta({ description: 'SHA-256 of the whole text of the key, in hexadecimal' }),
  source: z.string().min(1).max(256).optional().meta({ description: 'events that are sent with this key carry it as their source' }),
  environment: nameSchema.optional().meta({ description: 'the environment in which the key is valid; every environment if it is missing' }),
  cycles: z.array(nameSchema).min(1).max(100).optional().meta({ description: 'the cycles that a read key shows; all if it is missing' }),
  origins: z.array(originSchema).min(1).max(100).optional().meta({ description: 'web pages of these origins may send with this key' }),
  eventsPerSecond: z.int().min(1).max(1_000_000).optional().meta({ description: 'how many events a second may be sent with this key' }),
  expiresAt: instantSchema.optional(),
})
export type Key = z.infer<typeof keySchema>

const AUTHOR =
  'the id of the key with which it was requested; `command` if no key was needed; `start` at a first start; `offline` for the command on the stored log; `signal` for SIGHUP'

const act = { at: instantSchema, by: z.string().max(64).meta({ description: AUTHOR }) }

/** The act that a key was created. */
export const keyCreatedSchema = z.strictObject({ kind: z.literal('key-created'), ...act, key: keySchema })

/** A key ends at `endsAt`: now if it is revoked, later if it is replaced with an overlap. */
export const keyEndedSchema = z.strictObject({ kind: z.literal('key-ended'), ...act, id: keyIdSchema, endsAt: instantSchema })

/** A name enters the plan, or its contract changes. It has no effect unless its version follows the last one of the name. */
export const eventPlannedSchema = z.strictObject({ kind: z.literal('event-planned'), ...act, planned: plannedEventSchema })

/** A name leaves the plan. This too is a version of the name, and has no effect unless it follows the last one. */
export const eventRetiredSchema = z.strictObject({
  kind: z.literal('event-retired'),
  ...act,
  event: plannedEventSchema.shape.event,
  version: plannedEventSchema.shape.version,
})

/** What happens to events whose names are not in the plan. It has no effect unless its version follows the last one. */
export const unplannedSetSchema = z.strictObject({
  kind: z.literal('unplanned-set'),
  ...act,
  mode: z.enum(unplannedModes),
  version: plannedEventSchema.shape.version,
})

/** What became of refused events is written down in a receipt. A long receipt is divided into several acts, which share its id. */
const receiptSchema = z.string().min(1).max(64).meta({ description: 'an id that is equal in all parts of a receipt' })
/** Names a refused event, or the event in it. */
const refusedIdSchema = z.string().min(1).max(256)

/** A refused event that became an event of the log. `late` if it was beyond its grace period then: it is recorded, and not applied. */
const replayedItemSchema = z.strictObject({
  id: refusedIdSchema.meta({ description: 'the cursor of the refused event in quarantine' }),
  copies: refusedIdSchema.optional().meta({ description: 'the id of the event, which all copies have' }),
  event: z.string().meta({ description: 'the id of the event in the log' }),
  late: z.literal(true).optional(),
})
export type ReplayedItem = z.infer<typeof replayedItemSchema>

/** A part of a receipt: refused events that were written into the log, in one transaction with this act. */
export const quarantineReplayedSchema = z.strictObject({
  kind: z.literal('quarantine-replayed'),
  ...act,
  receipt: receiptSchema,
  repair: repairSchema.optional(),
  count: z.int().nonnegative(),
  items: z.array(replayedItemSchema),
})

/** A part of a receipt: refused events that nobody wants any more. */
export const quarantineDiscardedSchema = z.strictObject({
  kind: z.literal('quarantine-discarded'),
  ...act,
  receipt: receiptSchema,
  count: z.int().nonnegative(),
  items: z.array(replayedItemSchema.pick({ id: true, copies: true })),
})

const reloadAct = { ...act, app: nameSchema.meta({ description: 'the app whose process was reloaded' }) }

/** The act that a process has taken over what was changed in its settings and in the files that they name. */
export const reloadedSchema = z.strictObject({
  kind: z.literal('reloaded'),
  ...reloadAct,
  changes: z.array(
    z.strictObject({
      name: z.string().min(1).meta({ description: 'the variable of a setting, or what a file names, such as `source orders`' }),
      change: z.string().min(1).meta({ description: 'in words, such as `from 60s to 90s`' }),
    }),
  ),
})
export type Reload = z.infer<typeof reloadedSchema>

/** The act that a process has refused a reload, of which nothing took effect. */
export const reloadRefusedSchema = z.strictObject({
  kind: z.literal('reload-refused'),
  ...reloadAct,
  defects: z.array(z.string().min(1)).min(1),
})
export type ReloadRefused = z.infer<typeof reloadRefusedSchema>

/** One administrative act. All acts together are the audit log; the valid keys, the tracking plan and what became of refused events follow from them. */
export const adminRecordSchema = z.discriminatedUnion('kind', [
  keyCreatedSchema,
  keyEndedSchema,
  eventPlannedSchema,
  eventRetiredSchema,
  unplannedSetSchema,
  quarantineReplayedSchema,
  quarantineDiscardedSchema,
  reloadedSchema,
  reloadRefusedSchema,
])
export type AdminRecord = z.infer<typeof adminRecordSchema>

const knownKinds: ReadonlySet<string> = new Set(adminRecordSchema.options.map(({ shape }) => shape.kind.value))
/** What an act of any release has. */
const anyActSchema = z.looseObject({ kind: z.string().regex(/^[a-z]+(-[a-z]+)*$/), ...act })

/** The kind of an act that only a later release knows; undefined for any other value. */
export function laterKind(value: unknown): string | undefined {
  const { data } = anyActSchema.safeParse(value)
  return data === undefined || knownKinds.has(data.kind) ? undefined : data.kind
}
