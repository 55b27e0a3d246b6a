import { z } from 'zod'
import { conditionSchema } from './condition.ts'
import { durationSchema } from './duration.ts'
import { measureSchema } from './measure-kinds.ts'
import { nameSchema, namesSchema } from './name.ts'

/** Limits that the compact state layout requires, and that limit the work for each event. */
export const definitionLimits = { stages: 31, signals: 31, measures: 64, transitions: 256, eventConditions: 31, afterRules: 31, windowBuckets: 400 } as const

/** The kinds of stages. */
export const stageKinds = ['active', 'lapsed', 'returned'] as const
export type StageKind = (typeof stageKinds)[number]

const personalAbsenceSchema = z.strictObject({
  usual: z.number().gt(0).lte(1).meta({ description: "the quantile of the actor's own gaps between active days, such as 0.95" }),
  floor: durationSchema.meta({ description: 'the shortest absence, however short the gaps are' }),
  ceiling: durationSchema.meta({ description: 'the longest absence, and the absence of actors with too few gaps' }),
})

const stageSchema = z.strictObject({
  id: nameSchema,
  title: z.string().optional(),
  kind: z.enum(stageKinds).meta({ description: 'whether actors in it are present (active), have gone (lapsed), or have come back (returned)' }),
  values: z.array(nameSchema).optional().meta({ description: 'what actors gain in this stage, in words of your own; without effect on transitions' }),
  absence: z
    .union([durationSchema, personalAbsenceSchema])
    .optional()
    .meta({ description: 'how long a silence must last: fixed, or from the pauses of each actor' }),
  warning: z.number().gt(0).lt(1).optional().meta({ description: 'share of the absence after which a notice is published' }),
})

/** Limits of addressing: of the paths that a definition names, and of the actors that one event is addressed to. */
export const addressLimits = { paths: 8, actors: 1000 } as const

/** The path of an event's own actor, which only an addressing definition can name. */
export const OWN_ACTOR_PATH = 'actor.id'

/** The actors of a cycle: by its name the type of those who send the events, or a type with the paths at which events name their ids. */
const cycleActorSchema = z.union([
  nameSchema.meta({ description: 'the type of the actors: an event counts for the actor that sent it' }),
  z.strictObject({
    type: nameSchema.meta({ description: 'the type of the actors' }),
    id: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(addressLimits.paths)]).meta({
      description: `the path at which an event names an actor, or a list of actors, that it counts for; or several paths. ${OWN_ACTOR_PATH} is its own actor`,
    }),
  }),
])

const patternSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])
const signalSchema = z.strictObject({
  event: patternSchema.meta({ description: 'event name, list of names, or name with *' }),
  where: conditionSchema.optional(),
  title: z.string().optional(),
  driver: z
    .enum(['personal', 'corporate', 'environment'])
    .optional()
    .meta({ description: 'what moves an actor to it: something personal, something that the service does, or something that others do' }),
  need: z.string().optional().meta({ description: 'the path of the property that names what the actor looked for and did not get' }),
})

const transitionSchema = z.strictObject({
  id: nameSchema,
  title: z.string().optional(),
  from: namesSchema,
  to: nameSchema,
  trigger: namesSchema.optional().meta({ description: 'signal, list of signals, any, or absence' }),
  when: conditionSchema.optional().meta({ description: 'what must hold, of measures and of the event' }),
  after: durationSchema.optional().meta({ description: 'time since entering the stage' }),
  cause: nameSchema.optional().meta({ description: 'the cause that outputs name; by default that of the trigger' }),
})

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const givenEventSchema = z.strictObject({
  at: z.string(),
  event: z.string().min(1),
  arrives: z.string().optional().meta({ description: 'when the event arrives, if it is late; default: at' }),
  id: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  traits: z.record(z.string(), z.unknown()).optional(),
  context: z.record(z.string(), z.unknown()).optional(),
})
const givenTickSchema = z.strictObject({ at: z.string(), tick: z.literal(true) })
const thenSchema = z.strictObject({
  at: z.string(),
  to: nameSchema.optional(),
  from: nameSchema.optional(),
  rule: nameSchema.optional(),
  cause: z.string().optional(),
  notice: z.literal(true).optional(),
})
/** An example in a definition: given these events, then this history. */
export const scenarioSchema = z.strictObject({
  title: z.string().min(1),
  actor: z.string().min(1).optional().meta({ description: 'whose history `then` is, if the events of `given` are addressed to several actors' }),
  given: z.array(z.union([givenTickSchema, givenEventSchema])),
  // biome-ignore lint/suspicious/noThenProperty: the format names it so; a scenario is data and never awaited
  then: z.array(thenSchema),
})
export type Scenario = z.infer<typeof scenarioSchema>

/** A cycle as it is written in the file, before its names are checked and it is compiled. */
export const cycleDefinitionSchema = z.strictObject({
  cycle: nameSchema,
  version: z.int().positive(),
  title: z.string().optional(),
  description: z.string().optional(),
  actor: cycleActorSchema.meta({ description: 'who goes through the cycle' }),
  timezone: z.string().optional().meta({ description: 'IANA name; decides where days begin. Default UTC' }),
  grace: durationSchema.optional().meta({ description: 'how late an event may arrive and still take its place in the history; default 1h' }),
  journal: z.int().min(1).max(65_536).optional().meta({ description: 'the largest number of events in one journal; default 256' }),
  journals: z.int().min(1).max(100_000_000).optional().meta({ description: 'the largest number of events in all journals of a partition; default 4000000' }),
  dedupe: durationSchema.optional().meta({ description: 'how long copies of an event, by its id, are recognized; default 24h' }),
  stages: z.array(stageSchema).min(1).max(definitionLimits.stages),
  signals: z.record(nameSchema, signalSchema),
  measures: z.record(nameSchema, measureSchema).optional(),
  transitions: z.array(transitionSchema).min(1).max(definitionLimits.transitions),
  scenarios: z.array(scenarioSchema).optional(),
})
export type CycleDefinition = z.infer<typeof cycleDefinitionSchema>
/** The type of the actors of a cycle. */
export const actorTypeOf = ({ actor }: Pick<CycleDefinition, 'actor'>): string => (typeof actor === 'string' ? actor : actor.type)

/** The type of anonymous visitors, whose events name no user. */
export const VISITOR = 'visitor'
/** The type of actors whose events name none. */
const USER = 'user'

/** The type of the sender of an event that names none, such as a row of a file: that of the cycle, unless its actors are not those who send its events. */
export function senderTypeOf(definition: Pick<CycleDefinition, 'actor'>): string {
  return typeof definition.actor === 'string' ? definition.actor : USER
}

export type StageDefinition = CycleDefinition['stages'][number]
export type SignalDefinition = CycleDefinition['signals'][string]
export type TransitionDefinition = CycleDefinition['transitions'][number]

/** Values of the keys that a definition may leave out. */
export const definitionDefaults = { timezone: 'UTC', grace: '1h', journal: 256, journals: 4_000_000, dedupe: '24h', distinctCap: 64 } as const

export type Scalar = z.infer<typeof scalar>
