import { activityEventSchema, type ControlRecord, controlRecordSchema, instantOf, type LateRecord, type Output } from '#contracts'
import { compileCycle } from '#cycle'
import type { LogRecord as StoredRecord } from '#event-log'
import { openRedisProjections } from '#projections'
import { expectModels } from '../../libs/projections/src/conformance/expected-models.ts'
import { feedOf, folded, logOf, valuesOf } from '../fixtures/broker/log-contents.ts'
import { eventually } from '../fixtures/eventually.ts'
import { agree } from '../oracle/agreement.ts'
import type { LogRecord } from '../oracle/oracle.ts'
import { byteDefects, repeatedIds } from './feed-defects.ts'
import { PARTITIONS, type Trial } from './trial.ts'

const SHOWN_MAX = 5
const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition)

/** The results of a trial, and all its defects. */
export interface Verdict {
  readonly defects: string[]
  readonly events: number
  readonly outputs: readonly Output[]
}

/**
 * Compares a trial's topics and read models with its log, when the load has ended: the feed's bytes with an embedded fold, the
 * effective histories with the oracle, and the read models with the feed.
 */
export async function verify(trial: Trial, outputsMin: number): Promise<Verdict> {
  const logs = await Promise.all(partitions.map((partition) => logOf(trial.settings, partition)))
  const cycle = compileCycle(trial.definition)
  const expected = logs.map((log) => folded(log, cycle))
  const feeds = await completeFeeds(trial, expected)
  const outputs = feeds.flat().map((text) => JSON.parse(text) as Output)
  const records = logs.map((log) => log.flatMap(recordsOf))
  const defects = [
    ...trial.defects,
    ...trial.endedApps,
    ...partitions.flatMap((partition) => byteDefects(partition, expected[partition] ?? [], feeds[partition] ?? [])),
    ...repeatedIds(outputs),
    ...lostEvents(trial, records.flat()),
    ...trial.steady.falseAbsences(outputs),
  ]
  for (const partition of partitions) defects.push(...(await oracleDefects(trial, partition, records[partition] ?? [], feeds[partition] ?? [])))
  if (outputs.length < outputsMin) defects.push(`only ${outputs.length} outputs, too few for a valid trial`)
  // A wrong feed makes the read models wrong too, so they are compared only if the feed is right.
  if (defects.length === 0) defects.push(...(await modelDefects(trial, outputs)))
  return { defects, events: records.flat().length, outputs }
}

/** The feeds when they have as many outputs as expected. If they never have, the feeds at the time limit. */
async function completeFeeds(trial: Trial, expected: readonly string[][]): Promise<string[][]> {
  const feedsNow = (): Promise<string[][]> => Promise.all(partitions.map((partition) => feedOf(trial.settings, partition)))
  const isComplete = (feeds: string[][]): boolean => feeds.every((feed, partition) => feed.length >= (expected[partition]?.length ?? 0))
  return eventually(feedsNow, isComplete).catch(feedsNow)
}

/** A defect if events that were answered are not in the log. */
function lostEvents(trial: Trial, records: readonly LogRecord[]): string[] {
  const written = new Set(records.map((record) => ('record' in record ? undefined : record.id)))
  const lost = trial.answered.filter((id) => !written.has(id))
  return lost.length === 0 ? [] : [`${lost.length} events were answered and are not in the log, such as ${lost[0]}`]
}

/** Compares the feed with the oracle: seq without gaps, unique ids, valid retractions, and equal effective histories. */
async function oracleDefects(trial: Trial, partition: number, log: readonly LogRecord[], feed: readonly string[]): Promise<string[]> {
  const late = (await valuesOf(trial.settings, 'late', partition)).map((text) => JSON.parse(text) as LateRecord)
  const outputs = feed.map((text) => JSON.parse(text) as Output)
  const { disagreements } = agree({ definition: trial.definition, log }, () => ({ outputs, late }))
  return disagreements.slice(0, SHOWN_MAX).map((text) => `partition ${partition}, ${text}`)
}

/** The records of a frame that an app of Rondo can have written. The schemas and the append time of the frame decide. */
function recordsOf({ offset, appendedAt = 0, frame }: StoredRecord): LogRecord[] {
  return frame.split('\n').flatMap((line, index): LogRecord[] => {
    const value = parsed(line)
    const control = controlRecordSchema.safeParse(value)
    if (control.success) return isForeign(control.data, offset + index, appendedAt) ? [] : [control.data]
    const event = activityEventSchema.safeParse(value)
    return event.success && instantOf(event.data.receivedAt) - appendedAt <= 6 * 60_000 ? [event.data] : []
  })
}

function isForeign({ record, time }: ControlRecord, place: number, appendedAt: number): boolean {
  if (record === 'tick') return instantOf(time) - appendedAt > 60_000
  return record === 'backfill.begin' && place > 0
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

async function modelDefects(trial: Trial, outputs: readonly Output[]): Promise<string[]> {
  const redis = await openRedisProjections({ ...trial.shared.redis.access, prefix: trial.redisPrefix })
  const defectsNow = (): Promise<string[]> =>
    expectModels(redis.readModels, outputs).then(
      () => [],
      (failure: Error) => [`the read models are not those of the feed: ${failure.message}`],
    )
  const defects = await eventually(defectsNow, (found) => found.length === 0).catch(defectsNow)
  redis.close()
  return defects
}
