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
  event: idSchema.nullable().meta({ description: 'the id of the event that caused the output; null if passing time caused it' }),
  recent: z.record(z.string(), z.array(idSchema).max(8)).meta({ description: 'for each measure, the ids of its newest events, newest first' }),
  deadline: instantSchema.nullable().meta({ description: 'the deadline that passed; null if an event caused the output' }),
  silentSince: instantSchema.optional().meta({ description: 'the last activity, if silence caused the output or the notice warns of it' }),
})
export type Evidence = z.infer<typeof evidenceSchema>

/** One record of the topic `transitions`: a transition, a notice or a retraction. Key order here is the order in the JSON. */
export const outputSchema = z.strictObject({
  id: z.string().length(22).meta({ description: 'hash of (cycle, generation, actor, seq)' }),
  seq: z.int().positive().meta({ description: 'counts the outputs of an actor in a cycle and generation, from 1 without gaps' }),
  cycle: z.string(),
  version: z.int().positive(),
  generation: z.int().positive(),
  actor: actorSchema,
  kind: z.enum(outputKinds),
  from: z.string().meta({ description: 'stage left; `start` before anything' }),
  to: z.string().meta({ description: 'stage entered; for a notice the stage itself' }),
  rule: z.string().meta({ description: 'the id of the rule; of a notice, the absence rule that it announces' }),
  cause: z.string().meta({ description: 'the cause that the rule names; if it names none: absence, after, run-out, or the id of the signal' }),
  at: instantSchema.meta({ description: 'when the output became true' }),
  noticedAt: instantSchema.meta({ description: 'log time when it was noticed, or the arrival of the event that caused it' }),
  dwellMs: z.int().nonnegative().nullable().meta({ description: 'time spent in the stage left (a notice: so far); null from start' }),
  evidence: evidenceSchema,
  origin: z.enum(['live', 'backfill']).meta({ description: 'backfill: it follows from imported history, or was due before the import ended' }),
  because: idSchema.optional().meta({ description: 'the late event that caused this correction' }),
  corrects: z.string().optional().meta({ description: 'id of the oldest output retracted by the same event' }),
  retracts: z.string().optional().meta({ description: 'the id of the output that is retracted; from, to, rule, cause and at are those of that output' }),
})
export type Output = z.infer<typeof outputSchema>
