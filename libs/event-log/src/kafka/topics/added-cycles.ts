import type { Admin } from 'kafkajs'
import { RondoError } from '#contracts'
import { retry } from '#runtime'
import { RETRIES_UNTIL_COORDINATED } from '../client/coordinator-refusals.ts'
import { foldIdentityOf, identityOf } from '../client/fold-identity.ts'
import { cycleNameOf, cyclesOf, type KafkaSettings, positionGroupOf } from '../client/kafka-settings.ts'
import { type TopicDeclaration, topicOf } from '../client/topics.ts'

/** `transitions`, `late` and `checkpoints`: `names` is created again where it is missing. */
const TOPICS_OF_CYCLE = 3

/**
 * The topics of cycles that were never folded here, and are to be added beside the others: a cycle with a name of its own, without any topic and without a position.
 * Topics of any other cycle that are missing were deleted.
 */
export async function topicsOfAddedCycles(admin: Admin, settings: KafkaSettings, missing: readonly TopicDeclaration[]): Promise<TopicDeclaration[]> {
  const added: TopicDeclaration[] = []
  for (const cycle of cyclesOf(settings)) {
    const topics = missing.filter((topic) => topic.cycle === cycleNameOf(cycle))
    if (cycle.cycle === undefined || topics.length < TOPICS_OF_CYCLE) continue
    if ((await committedMetadata(admin, cycle)).length === 0) added.push(...topics)
  }
  return added
}

/**
 * Checks that the first cycle has not changed since the log was folded: a cycle would be folded again from the log's beginning, under other names.
 * @throws RondoError RONDO_LOG_MISMATCH
 */
export async function checkFirstCycle(admin: Admin, settings: KafkaSettings): Promise<void> {
  const present = new Set(await admin.listTopics())
  for (const one of cyclesOf(settings)) {
    const cycle = cycleNameOf(one)
    const named = { ...one, cycle }
    if (cycle === '' || !present.has(topicOf(one, 'activity'))) continue
    if (one.cycle !== undefined) await checkNotFoldedUnnamed(admin, one)
    else if (present.has(topicOf(named, 'transitions')) && (await committedMetadata(admin, named)).length > 0) throw firstCycleChanged(named, one)
  }
}

async function checkNotFoldedUnnamed(admin: Admin, settings: KafkaSettings): Promise<void> {
  const identity = identityOf(settings.identity)
  const unnamed = { ...settings, cycle: undefined }
  if ((await committedMetadata(admin, unnamed)).some((metadata) => foldIdentityOf(metadata) === identity)) throw firstCycleChanged(unnamed, settings)
}

function firstCycleChanged(before: KafkaSettings, after: KafkaSettings): RondoError {
  const cycle = cycleNameOf(after)
  const change = `The cycle ${cycle} has the topic ${topicOf(before, 'transitions')}, and would now have ${topicOf(after, 'transitions')}: another cycle has become the first.`
  const remedy =
    before.cycle === undefined
      ? `Set RONDO_FIRST_CYCLE=${cycle} in all apps.`
      : 'Set RONDO_FIRST_CYCLE, in all apps, to the cycle that was the first until now, even if it is no longer run.'
  return new RondoError('RONDO_LOG_MISMATCH', `${change} ${remedy}`)
}

/** What is stored beside the offsets that a cycle has committed. */
async function committedMetadata(admin: Admin, settings: KafkaSettings): Promise<(string | null)[]> {
  const request = { groupId: positionGroupOf(settings), topics: [topicOf(settings, 'activity')] }
  const answer = (await retry(() => admin.fetchOffsets(request), RETRIES_UNTIL_COORDINATED)) ?? []
  return answer.flatMap(({ partitions }) => partitions.flatMap(({ offset, metadata }) => (Number(offset) < 0 ? [] : [metadata])))
}
