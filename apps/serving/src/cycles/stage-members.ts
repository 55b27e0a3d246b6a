import { z } from 'zod'
import { actorSchema, type CycleDefinition, formatInstant, instantSchema, RondoError } from '#contracts'
import type { ReadModels } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'
import { momentHead, momentOf, momentParameters } from '../answers/moment.ts'
import { afterParameter, limitParameter, readQuery, stageParameter, timeParameter } from '../answers/query.ts'

/** `source` and `source-at`: only those that were in another stage, or in none, at another moment. */
export const membersQuery = z.strictObject({
  ...momentParameters,
  source: stageParameter,
  'source-at': timeParameter.optional(),
  after: afterParameter,
  limit: limitParameter,
})
export const membersAnswer = z.strictObject({
  cycle: z.string(),
  stage: z.string(),
  asOf: freshnessSchema,
  ...momentHead,
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
    checkStage(this.#definition, stage)
    const { after, limit } = readQuery(membersQuery, query)
    const [asOf, { members, next }] = await Promise.all([
      this.#models.asOf(),
      this.#models.actorsIn(stage, { limit, ...(after === undefined ? {} : { after }) }),
    ])
    const items = members.map(({ actor, since }) => ({ actor, since: formatInstant(since) }))
    return { cycle, stage, asOf: freshnessOf(asOf, this.#clock.now()), ...momentOf({}), items, next: next ?? null }
  }
}

/** @throws RondoError RONDO_NOT_FOUND with the stages that there are */
export function checkStage({ stages }: Pick<CycleDefinition, 'stages'>, asked: string): void {
  const ids = stages.map(({ id }) => id)
  if (!ids.includes(asked)) throw new RondoError('RONDO_NOT_FOUND', `There is no stage ${JSON.stringify(asked)}; the stages are ${ids.join(', ')}.`)
}
