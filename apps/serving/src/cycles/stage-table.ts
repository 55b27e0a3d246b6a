import { z } from 'zod'
import { actorTypeOf, type CycleDefinition, definitionDefaults, RondoError, stageKinds } from '#contracts'
import type { Narration, ReadModels } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'

const headSchema = z.strictObject({ cycle: z.string(), version: z.int(), title: z.string(), actor: z.string(), timezone: z.string() })
export const cyclesAnswer = z.strictObject({ items: z.array(headSchema) })
const stageSchema = z.strictObject({ id: z.string(), title: z.string(), kind: z.enum(stageKinds), actors: z.int().nonnegative() })
export const stagesAnswer = headSchema.extend({ asOf: freshnessSchema, total: z.int().nonnegative(), stages: z.array(stageSchema) })

/** The number of actors in each stage of the served cycle. */
export class StageTable {
  readonly #definition: CycleDefinition
  readonly #narration: Narration
  readonly #models: ReadModels
  readonly #clock: Clock

  constructor(definition: CycleDefinition, narration: Narration, models: ReadModels, clock: Clock) {
    this.#definition = definition
    this.#narration = narration
    this.#models = models
    this.#clock = clock
  }

  cycles(): z.infer<typeof cyclesAnswer> {
    return { items: [this.#head()] }
  }

  /** All stages of the definition in its order, also empty ones. */
  async stages(cycle: string): Promise<z.infer<typeof stagesAnswer>> {
    checkCycle(this.#definition, cycle)
    const { asOf, total, stages } = await this.#models.stageCounts()
    const counts = this.#definition.stages.map(({ id, kind }) => ({ id, title: this.#narration.stage(id), kind, actors: stages.get(id) ?? 0 }))
    return { ...this.#head(), asOf: freshnessOf(asOf, this.#clock.now()), total, stages: counts }
  }

  /** The definition as data. */
  definition(cycle: string): CycleDefinition {
    checkCycle(this.#definition, cycle)
    return this.#definition
  }

  #head() {
    const { cycle, version, title = cycle, timezone = definitionDefaults.timezone } = this.#definition
    return { cycle, version, title, actor: actorTypeOf(this.#definition), timezone }
  }
}

/** @throws RondoError RONDO_NOT_FOUND if another cycle is served */
export function checkCycle({ cycle }: CycleDefinition, asked: string): void {
  if (asked !== cycle) throw new RondoError('RONDO_NOT_FOUND', `There is no cycle ${JSON.stringify(asked)} here; the cycle is ${JSON.stringify(cycle)}.`)
}
