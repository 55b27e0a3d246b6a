import { type CycleDefinition, definitionDefaults, formatInstant, type Instant } from '#contracts'
import { type HistoryReader, knownTraitNames, type Moment, type TraitFilter } from '#history'
import type { Narration, ReadModels } from '#projections'
import type { Clock } from '#runtime'
import { freshnessOf } from '../answers/freshness.ts'
import { unusable } from '../answers/query.ts'

/** What questions about ranges of time are answered from, for one cycle. */
export interface AskedHistory {
  readonly definition: CycleDefinition
  readonly narration: Narration
  /** Throws RONDO_HISTORY_UNAVAILABLE with the remedy if there is none here. */
  readonly history: HistoryReader
  /** The histories of actors, for the reasons of single outputs. */
  readonly models: Pick<ReadModels, 'history'>
  readonly clock: Clock
}

/** The time zone in which a cycle counts. */
export const zoneOf = ({ definition }: Pick<AskedHistory, 'definition'>): string => definition.timezone ?? definitionDefaults.timezone

/** The ids of all stages. */
export const stageIds = ({ definition }: Pick<AskedHistory, 'definition'>): string[] => definition.stages.map(({ id }) => id)

/** How fresh history is, which may be behind the read models by a second. */
export async function historyAsOf(reader: HistoryReader, clock: Clock) {
  return freshnessOf(await reader.asOf(), clock.now())
}

/**
 * Refuses filters by traits that no actor has: an empty answer would look as if nobody had the value.
 * @throws RondoError RONDO_ARGUMENT_INVALID with the traits that there are
 */
export async function checkTraits(reader: HistoryReader, where: readonly TraitFilter[] | undefined): Promise<void> {
  for (const { trait } of where ?? []) await checkTrait(reader, 'where', trait)
}

/** @throws RondoError RONDO_ARGUMENT_INVALID with the traits that there are */
export async function checkTrait(reader: HistoryReader, parameter: string, trait: string): Promise<void> {
  const known = await knownTraitNames(reader)
  if (known.includes(trait)) return
  const there = known.length === 0 ? 'no event had a trait yet' : `the traits are ${known.join(', ')}`
  throw unusable(parameter, `there is no trait ${JSON.stringify(trait)}; ${there}`)
}

/** @throws RondoError RONDO_ARGUMENT_INVALID with the stages that there are */
export function checkStageParameter(asked: Pick<AskedHistory, 'definition'>, parameter: string, stage: string | undefined): void {
  const stages = stageIds(asked)
  if (stage !== undefined && !stages.includes(stage))
    throw unusable(parameter, `there is no stage ${JSON.stringify(stage)}; the stages are ${stages.join(', ')}`)
}

/** A stage that was left, in a query: `start` is none, before the first transition. */
export function sourceOf(asked: Pick<AskedHistory, 'definition'>, source: string | undefined): string | null | undefined {
  if (source === START) return null
  checkStageParameter(asked, 'source', source)
  return source
}

/** How feeds and queries name that an actor is in no stage yet. */
export const START = 'start'

/**
 * Refuses a moment before everything: an empty answer would look as if nobody had been there.
 * @throws RondoError RONDO_ARGUMENT_INVALID with the first instant that there is
 */
export async function checkMoment(reader: HistoryReader, { at, knownAt }: Moment): Promise<void> {
  const [first] = await reader.rows<{ at: Instant | null; noticedAt: Instant | null }>(
    `SELECT min("at") AS "at", min(noticed_at) AS "noticedAt" FROM transitions WHERE kind <> 'notice'`,
  )
  if (first === undefined || first.at === null || first.noticedAt === null) return
  if (at !== undefined && at <= first.at) throw unusable('at', `expected a time after ${formatInstant(first.at)}, when the first transition happened`)
  if (knownAt !== undefined && knownAt < first.noticedAt)
    throw unusable('known-at', `expected a time at or after ${formatInstant(first.noticedAt)}, when the first transition was noticed`)
}
