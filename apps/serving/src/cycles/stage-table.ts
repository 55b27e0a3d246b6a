import { z } from 'zod'
import { actorTypeOf, type CycleDefinition, definitionDefaults, RondoError, stageKinds } from '#contracts'
import type { Narration } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'
import { momentHead, momentOf, momentParameters } from '../answers/moment.ts'
import type { ServingSources } from '../sources/serving-sources.ts'

const building = z
  .strictObject({ folded: z.int().nonnegative(), records: z.int().nonnegative() })
  .nullable()
  .meta({ description: 'how many of the records of the log are folded, while a new cycle is folded from the beginning of the log; then null' })
const headSchema = z.strictObject({ cycle: z.string(), version: z.int(), title: z.string(), actor: z.string(), timezone: z.string(), building })
/** One of the served cycles, and up to when it is counted. */
const cycleSchema = headSchema.extend({
  asOf: freshnessSchema,
  failure: z
    .string()
    .nullable()
    .meta({ description: 'why the state of the cycle cannot be read, with a code: then it is neither folded nor counted; else null' }),
})
export const cyclesAnswer = z.strictObject({ items: z.array(cycleSchema) })
const stageSchema = z.strictObject({ id: z.string(), title: z.string(), kind: z.enum(stageKinds), actors: z.int().nonnegative() })
export const stagesAnswer = headSchema.extend({ asOf: freshnessSchema, ...momentHead, total: z.int().nonnegative(), stages: z.array(stageSchema) })
export const stagesQuery = z.strictObject(momentParameters)

/** How many actors were in each stage, and as of when. */
interface CountedStages extends Pick<z.infer<typeof stagesAnswer>, 'asOf' | 'at' | 'knownAt' | 'total'> {
  /** By id; stages without an actor may be absent. */
  readonly stages: ReadonlyMap<string, number>
}

/** Where the table gets its numbers. */
interface StageSources extends Pick<ServingSources, 'models' | 'building'> {
  readonly clock: Clock
}

/** A cycle, and the number of actors in each of its stages. */
export class StageTable {
  readonly #definition: CycleDefinition
  readonly #narration: Narration
  readonly #sources: StageSources

  constructor(definition: CycleDefinition, narration: Narration, sources: StageSources) {
    this.#definition = definition
    this.#narration = narration
    this.#sources = sources
  }

  async cycle(): Promise<z.infer<typeof cycleSchema>> {
    const { models, clock } = this.#sources
    // The list of cycles is answered while the models are rebuilt, too, and while the state of one cycle cannot be read.
    let failure: string | null = null
    const insteadOf = <T>(value: T) => {
      return (cause: unknown): T => {
        failure = damageOf(cause) ?? failure
        return value
      }
    }
    const asOf = await models.asOf().catch(insteadOf(Number.NEGATIVE_INFINITY))
    const head = await this.#head().catch(insteadOf(this.#headOf(null)))
    return { ...head, asOf: freshnessOf(asOf, clock.now()), failure }
  }

  /** All stages of the definition in its order, also empty ones. @param counted the numbers; as of now unless given */
  async stages(counted?: CountedStages): Promise<z.infer<typeof stagesAnswer>> {
    const { asOf, at, knownAt, total, stages } = counted ?? (await this.#present())
    const counts = this.#definition.stages.map(({ id, kind }) => ({ id, title: this.#narration.stage(id), kind, actors: stages.get(id) ?? 0 }))
    return { ...(await this.#head()), asOf, at, knownAt, total, stages: counts }
  }

  async #present(): Promise<CountedStages> {
    const { models, clock } = this.#sources
    const { asOf, total, stages } = await models.stageCounts()
    return { asOf: freshnessOf(asOf, clock.now()), ...momentOf({}), total, stages }
  }

  async #head() {
    return this.#headOf((await this.#sources.building?.()) ?? null)
  }

  #headOf(progress: z.infer<typeof building>) {
    const { cycle, version, title = cycle, timezone = definitionDefaults.timezone } = this.#definition
    return { cycle, version, title, actor: actorTypeOf(this.#definition), timezone, building: progress }
  }
}

/** What is wrong with a state file that gives no answer; undefined while the read models are rebuilt. @throws any other failure */
function damageOf(failure: unknown): string | undefined {
  if (!(failure instanceof RondoError)) throw failure
  if (failure.code.startsWith('RONDO_DATA_')) return `${failure.message} (${failure.code})`
  if (failure.code === 'RONDO_MODELS_UNAVAILABLE') return undefined
  throw failure
}
