import { z } from 'zod'
import { actorSchema, type CycleDefinition, formatInstant, instantSchema, RondoError } from '#contracts'
import type { ReadModels } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'
import { readQuery, wholeNumber } from '../answers/query.ts'

export const membersQuery = z.strictObject({ after: z.string({ error: 'expected a cursor, once' }).optional(), limit: wholeNumber(1, 1000).default(100) })
export const membersAnswer = z.strictObject({
  cycle: z.string(),
  stage: z.string(),
  asOf: freshnessSchema,
  items: z.array(z.strictObject({ actor: actorSchema, since: instantSchema })),
  next: z.string().nullable(),
})

/** The actors who are in a stage of a cycle, the one who entered first at the beginning. */
export class StageMembers {
  readonly #definition: CycleDefinition
  readonly #models: ReadModels
  readonly #clock: Clock

  constructor(definition: CycleDefinition, models: ReadModels, clock: Clock) {
    this.#definition = definition
    this.#models = models
    this.#clock = clock
  }

  /**
   * `next` is the cursor for the actors `after`; null at the end.
   * @throws RondoError RONDO_NOT_FOUND for an unknown stage; RONDO_ARGUMENT_INVALID
   */
  async of(stage: string, query: unknown): Promise<z.infer<typeof membersAnswer>> {
    const { cycle } = this.#definition
    this.#checkStage(stage)
    const { after, limit } = readQuery(membersQuery, query)
    const [asOf, { members, next }] = await Promise.all([
      this.#models.asOf(),
      this.#models.actorsIn(stage, { limit, ...(after === undefined ? {} : { after }) }),
    ])
    const items = members.map(({ actor, since }) => ({ actor, since: formatInstant(since) }))
    return { cycle, stage, asOf: freshnessOf(asOf, this.#clock.now()), items, next: next ?? null }
  }

  #checkStage(asked: string): void {
    const stages = this.#definition.stages.map(({ id }) => id)
    if (!stages.includes(asked)) throw new RondoError('RONDO_NOT_FOUND', `There is no stage ${JSON.stringify(asked)}; the stages are ${stages.join(', ')}.`)
  }
}
