import { z } from 'zod'

/** What happens to an event that does not fit the plan: it is stored and counted, or it is refused and kept in quarantine. */
export const planModes = ['observe', 'enforce'] as const
export type PlanMode = (typeof planModes)[number]

/** What happens to an event whose name is not in the plan; `allow` stores it and does not count it. */
export const unplannedModes = ['allow', ...planModes] as const
export type UnplannedMode = (typeof unplannedModes)[number]

const versionSchema = z.int().min(1).meta({ description: 'the version of the plan for this name; each change adds one' })

/** One version of the contract for the events of one name. */
export const plannedEventSchema = z.strictObject({
  event: z.string().min(1).max(1024).meta({ description: 'the name of the events' }),
  version: versionSchema,
  mode: z.enum(planModes).meta({ description: 'observe stores an event that does not fit, and counts it; enforce refuses it' }),
  schema: z.record(z.string(), z.unknown()).meta({
    description: 'a JSON Schema (2020-12, or draft-07 if $schema names it) of the event as it is stored; missing properties, traits and context count as {}',
  }),
})
export type PlannedEvent = z.infer<typeof plannedEventSchema>

/** Why a stored event does not fit the plan. */
export const planDefectSchema = z.strictObject({
  version: z.int().min(0).meta({ description: 'the version of the plan for this name; 0 if the name is not in the plan' }),
  path: z.string().optional().meta({ description: 'the place in the event, such as properties.total; missing if it is the whole' }),
  reason: z.string(),
})
export type PlanDefect = z.infer<typeof planDefectSchema>
