import { z } from 'zod'
import { actorSchema, idSchema } from './activity-event.ts'
import { instantSchema } from './instant.ts'

/** Kinds of a transition, in the order of rule 17. */
export const transitionKinds = ['advance', 'regress', 'disengage', 'return', 'resume', 'definition-change'] as const
export type TransitionKind = (typeof transitionKinds)[number]
/** The kinds of outputs. */
export const outputKinds = [...transitionKinds, 'notice', 'retraction'] as const
export type OutputKind = (typeof outputKinds)[number]

/** The measures, the event and the deadline that satisfied the rule. */
export const evidenceSchema = z.strictObject({
  measures: z.record(z.string(), z.unknown()).meta({ description: "the rule's measures with their values at that instant" }),
  event: idSchema.nullable().meta({ description: 'id of the causing event; null where time passed' }),
  recent: z.record(z.string(), z.array(idSchema).max(8)).meta({ description: 'per measure, the ids of its newest events, newest first' }),
  deadline: instantSchema.nullable().meta({ description: 'the deadline that passed; null where an event caused it' }),
  silentSince: instantSchema.optional().meta({ description: 'where silence caused it or is warned of: the last activity before it' }),
})
export type Evidence = z.infer<typeof evidenceSchema>

/** One record of the topic `transitions`: a transition, a notice or a retraction. Key order here is the order in the JSON. */
export const outputSchema = z.strictObject({
  id: z.string().length(22).meta({ description: 'hash of (cycle, generation, actor, seq)' }),
  seq: z.int().positive().meta({ description: 'gap-free per actor, cycle and generation, from 1' }),
  cycle: z.string(),
  version: z.int().positive(),
  generation: z.int().positive(),
  actor: actorSchema,
  kind: z.enum(outputKinds),
  from: z.string().meta({ description: 'stage left; `start` before anything' }),
  to: z.string().meta({ description: 'stage entered; for a notice the stage itself' }),
  rule: z.string().meta({ description: 'id of the rule; for a notice the absence rule it warns of' }),
  cause: z.string().meta({ description: "the rule's cause, else absence, after, run-out or the signal" }),
  at: instantSchema.meta({ description: 'when it became true' }),
  noticedAt: instantSchema.meta({ description: 'the log time that revealed it' }),
  dwellMs: z.int().nonnegative().nullable().meta({ description: 'time spent in the stage left (a notice: so far); null from start' }),
  evidence: evidenceSchema,
  origin: z.enum(['live', 'backfill']).meta({ description: 'backfill: brought about by imported history, or due before its import ended' }),
  because: idSchema.optional().meta({ description: 'the late event that caused this correction' }),
  corrects: z.string().optional().meta({ description: 'id of the oldest output retracted by the same event' }),
  retracts: z.string().optional().meta({ description: 'id of the output taken back; from, to, rule, cause, at repeat it' }),
})
export type Output = z.infer<typeof outputSchema>
