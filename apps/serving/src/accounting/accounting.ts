import { z } from 'zod'
import { type CycleDefinition, formatInstant, type Instant, instantSchema } from '#contracts'
import type { HistoryReader } from '#history'
import type { ReadModels, StageAccounts } from '#projections'
import { type Clock, pause, stopwatch } from '#runtime'
import { freshnessOf, freshnessSchema } from '../answers/freshness.ts'
import { type Agreement, flowsFrom, HistoryAgreement } from './history-agreement.ts'
import { type Difference, stageDifferences } from './stage-differences.ts'

/** The usual time between two checks. */
const PAUSE_MS = 60_000
/** A check may take one part in so many of the time: the stages of millions of actors are counted while others wait. */
const SHARE = 1000
/** A question is answered with the last check if it is not older. */
const AGE_MS_MAX = 10_000

const count = z.int()
const itemSchema = z.strictObject({
  check: z.enum(['flows', 'list', 'history']).meta({
    description:
      'flows: before + entered - left is not after; list: the listing of the stage does not have as many actors as its count; history: history has other numbers',
  }),
  stage: z.string(),
  from: instantSchema.nullable().meta({ description: 'null: since the beginning' }),
  until: instantSchema.nullable(),
  before: count,
  entered: count,
  left: count,
  after: count,
  expected: count,
  difference: count.meta({ description: 'by how much the number is greater than the expected one' }),
})
export const accountingAnswer = z.strictObject({
  cycle: z.string(),
  timezone: z.literal('UTC'),
  asOf: freshnessSchema,
  checkedAt: instantSchema,
  checked: z.int().nonnegative().meta({ description: 'how many stages were checked' }),
  total: count.meta({ description: 'the sum of all counts' }),
  known: count.meta({ description: 'how many actors are in any stage, by the listings' }),
  history: z.strictObject({ asOf: freshnessSchema, equal: z.int().nonnegative(), passedOver: z.int().nonnegative() }).nullable().meta({
    description:
      'the newest comparison with history, in stages times hours of the last day; passedOver: changed by a correction meanwhile. null: there is none yet, or no history',
  }),
  items: z.array(itemSchema),
})

/** What is checked, and by which clock. */
interface AccountingSources {
  readonly definition: Pick<CycleDefinition, 'cycle' | 'stages'>
  readonly models: Pick<ReadModels, 'asOf' | 'accounts'>
  readonly history: HistoryReader | undefined
  readonly clock: Clock
}

/** The result of one check. */
interface Check {
  readonly at: Instant
  readonly accounts: StageAccounts
  readonly agreement: Agreement | undefined
  readonly differences: readonly Difference[]
}

/** Checks that the numbers of a cycle add up, once a minute and when it is asked. */
export class Accounting {
  readonly #sources: AccountingSources
  readonly #agreement: HistoryAgreement | undefined
  readonly #end = new AbortController()
  #checking: Promise<void> = Promise.resolve()
  #last: Check | undefined
  #running: Promise<Check> | undefined

  constructor(sources: AccountingSources) {
    const { definition, history } = sources
    this.#sources = sources
    this.#agreement =
      history &&
      new HistoryAgreement(
        history,
        definition.stages.map(({ id }) => id),
      )
  }

  /** How many numbers did not add up at the last check; 0 before the first one. */
  get differences(): number {
    return this.#last?.differences.length ?? 0
  }

  /** Checks again and again until {@link stop}. A check that cannot be made, since the models do not answer, is made later. */
  start(): void {
    this.#checking = this.#checkAgain(this.#end.signal)
  }

  /** Resolves when no check runs any more. */
  async stop(): Promise<void> {
    this.#end.abort()
    await Promise.all([this.#checking, this.#running?.catch(() => undefined)])
  }

  /** Checks now; a check that runs is waited for instead. @throws RondoError RONDO_MODELS_UNAVAILABLE */
  check(): Promise<Check> {
    this.#running ??= this.#check().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** The last check if it is a few seconds old, else a new one. @throws RondoError RONDO_MODELS_UNAVAILABLE */
  async answer(): Promise<z.infer<typeof accountingAnswer>> {
    const { definition, clock } = this.#sources
    const isRecent = this.#last !== undefined && Math.abs(clock.now() - this.#last.at) <= AGE_MS_MAX
    const { at, accounts, agreement, differences } = isRecent && this.#last !== undefined ? this.#last : await this.check()
    const sumOf = (part: 'counted' | 'listed'): number => [...accounts.stages.values()].reduce((sum, stage) => sum + stage[part], 0)
    return {
      cycle: definition.cycle,
      timezone: 'UTC',
      asOf: freshnessOf(accounts.asOf, clock.now()),
      checkedAt: formatInstant(at),
      checked: new Set([...accounts.stages.keys(), ...definition.stages.map(({ id }) => id)]).size,
      total: sumOf('counted'),
      known: sumOf('listed'),
      history: agreement === undefined ? null : { asOf: freshnessOf(agreement.asOf, clock.now()), equal: agreement.equal, passedOver: agreement.passedOver },
      items: differences.map(itemOf),
    }
  }

  async #checkAgain(signal: AbortSignal): Promise<void> {
    for (let pauseMs = PAUSE_MS; !signal.aborted; ) {
      await pause(pauseMs, signal)
      if (signal.aborted) return
      const elapsed = stopwatch()
      await this.check().catch(() => undefined)
      pauseMs = Math.max(PAUSE_MS, elapsed() * 1000 * SHARE)
    }
  }

  async #check(): Promise<Check> {
    const { models, clock } = this.#sources
    const accounts = await models.accounts({ from: flowsFrom(await models.asOf()) })
    // History that cannot be asked says so in metrics of its own; the live numbers are checked all the same.
    await this.#agreement?.next(accounts).catch(() => undefined)
    const agreement = this.#agreement?.latest
    this.#last = { at: clock.now(), accounts, agreement, differences: [...stageDifferences(accounts), ...(agreement?.differences ?? [])] }
    return this.#last
  }
}

function itemOf({ check, stage, from, until, live, expected, difference }: Difference): z.infer<typeof itemSchema> {
  const timeOf = (at: Instant): string | null => (Number.isFinite(at) ? formatInstant(at) : null)
  return { check, stage, from: timeOf(from), until: timeOf(until), ...live, expected, difference }
}
