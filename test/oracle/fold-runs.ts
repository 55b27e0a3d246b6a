import { deepStrictEqual } from 'node:assert/strict'
import { type ActivityEvent, type CycleDefinition, formatInstant, instantOf, type LateRecord, type Output } from '#contracts'
import { type CompiledCycle, compileCycle, type FoldEvent, type FoldSink, PartitionFold } from '#cycle'
import { addresseesOf } from './addressing.ts'
import type { LogRecord, OracleCounts } from './oracle.ts'

/** What the fold gives for a log. */
type Run = { outputs: Output[]; late: LateRecord[] }

/** Folds a log with libs/cycle. All due deadlines fire before the next record. */
export function runFold(definition: CycleDefinition, log: readonly LogRecord[]): Run & { counts: OracleCounts; logTime: number } {
  const run: Run = { outputs: [], late: [] }
  // With the smallest chunks the fold frees old records at once, so that a record that it needs later would be missing.
  const fold = newFold(compileCycle(definition), run, log, 128)
  for (const record of log) {
    applyRecord(fold, record)
  }
  return { ...run, counts: countsOf(fold), logTime: fold.state.time.now }
}

function countsOf({ state: { counts } }: PartitionFold): OracleCounts {
  return {
    events: Object.values(counts).reduce((sum, count) => sum + count, 0),
    applied: counts.applied + counts['out-of-order'],
    duplicates: counts.duplicate,
    unmatched: counts.unmatched,
    otherActor: counts['other-actor'],
    lateByGrace: counts['late-grace'],
    lateByBound: counts['late-bound'],
    ...(counts['not-addressed'] > 0 ? { notAddressed: counts['not-addressed'] } : {}),
  }
}

/** Like {@link runFold}, but at the given steps the state is saved and loaded into a new fold. Between two steps at most `limit` deadlines fire. */
export function runFoldInPieces(definition: CycleDefinition, log: readonly LogRecord[], cuts: ReadonlySet<number>, limit: number): Run {
  const run: Run = { outputs: [], late: [] }
  const cycle = compileCycle(definition)
  let fold = newFold(cycle, run, log)
  const buckets = new Set(log.flatMap((record) => ('record' in record ? [] : actorsOf(definition, record).map((id) => fold.state.bucketOf(id)))))
  let steps = 0
  const step = (): void => {
    if (cuts.has(steps++)) fold = restoredFold(fold, newFold(cycle, run, log), buckets)
  }
  for (const record of log) {
    applyRecord(fold, record, 0)
    step()
    while (fold.fire(limit) === 'more') step()
  }
  return run
}

const actorsOf = (definition: CycleDefinition, event: ActivityEvent): readonly string[] => addresseesOf(definition, event) ?? [event.actor.id]

function newFold(cycle: CompiledCycle, run: Run, log: readonly LogRecord[], chunkBytes = 4096): PartitionFold {
  const sink: FoldSink = {
    output: (output) => run.outputs.push(output),
    late: (late, reason) => {
      const { id, actorId, time, arrival } = 'sent' in late ? late.sent : late
      const addressed = 'sent' in late ? { addressed: { type: late.actorType, id: late.actorId } } : {}
      const event = log.find(
        (record) =>
          !('record' in record) &&
          record.id === id &&
          record.actor.id === actorId &&
          instantOf(record.time) === time &&
          instantOf(record.receivedAt) === arrival,
      )
      const { now } = fold.state.time
      if (event !== undefined && !('record' in event)) run.late.push({ reason, logTime: Number.isFinite(now) ? formatInstant(now) : null, event, ...addressed })
    },
  }
  const fold = new PartitionFold(cycle, sink, { chunkBytes })
  return fold
}

function restoredFold(from: PartitionFold, to: PartitionFold, buckets: ReadonlySet<number>): PartitionFold {
  to.state.time.load(from.state.time.save())
  for (const bucket of buckets) {
    const bytes = from.state.saveBucket(bucket)
    to.state.loadBucket(bytes)
    // The loaded state must be equal to the saved one.
    deepStrictEqual(to.state.saveBucket(bucket), bytes)
  }
  return to
}

function applyRecord(fold: PartitionFold, record: LogRecord, budget?: number): void {
  fold.apply('record' in record ? record : foldEvent(record), budget)
}

function foldEvent(record: Exclude<LogRecord, { record: unknown }>): FoldEvent {
  const { id, event, actor, time, receivedAt, properties, traits, context } = record
  return { id, event, actorType: actor.type, actorId: actor.id, time: instantOf(time), arrival: instantOf(receivedAt), properties, traits, context }
}
