import { z } from 'zod'
import { type CycleDefinition, formatInstant, instantSchema, transitionKinds } from '#contracts'
import type { ReadModels } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'
import { readQuery, timeParameter } from '../answers/query.ts'

const HOUR_MS = 3_600_000
/** The longest range of one answer, so that an answer stays small. */
const HOURS_MAX = 31 * 24

const flowSchema = z.strictObject({
  hour: instantSchema,
  kind: z.enum(transitionKinds),
  from: z.string(),
  to: z.string(),
  transitions: z.int().positive(),
})
export const flowsAnswer = z.strictObject({
  cycle: z.string(),
  asOf: freshnessSchema,
  timezone: z.literal('UTC'),
  from: instantSchema,
  until: instantSchema,
  items: z.array(flowSchema),
})

const flowsQuery = z
  .strictObject({ from: timeParameter, until: timeParameter })
  .refine(({ from, until }) => from < until, { error: 'from and until: expected a range that begins before it ends' })
  .refine(({ from, until }) => until - from <= HOURS_MAX * HOUR_MS, { error: `from and until: expected a range of at most ${HOURS_MAX / 24} days` })

/** The number of transitions between the stages of a cycle, for each hour. */
export class HourlyFlows {
  readonly #definition: CycleDefinition
  readonly #models: ReadModels
  readonly #clock: Clock

  constructor(definition: CycleDefinition, models: ReadModels, clock: Clock) {
    this.#definition = definition
    this.#models = models
    this.#clock = clock
  }

  /**
   * The hours of UTC that begin at or after `from` and before `until`; hours without a transition are left out.
   * @throws RondoError RONDO_ARGUMENT_INVALID
   */
  async within(query: unknown): Promise<z.infer<typeof flowsAnswer>> {
    const { cycle } = this.#definition
    const { from, until } = readQuery(flowsQuery, query)
    const { asOf, flows } = await this.#models.transitionsPerHour({ from, until })
    const items = flows.map(({ hour, ...flow }) => ({ hour: formatInstant(hour), ...flow }))
    return { cycle, asOf: freshnessOf(asOf, this.#clock.now()), timezone: 'UTC', from: formatInstant(from), until: formatInstant(until), items }
  }
}
