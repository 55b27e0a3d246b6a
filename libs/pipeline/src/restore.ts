import type { Cursor, Position } from '#contracts'
import type { OwnedPartition } from '#event-log'
import { compareUtf8 } from '#keyed-state'
import { faultPoint } from '#runtime'
import { decodeRecord, type Entry } from './decode-frame.ts'
import { type CheckpointMetadata, compareRecords, type PartitionMetadata, readPartitionMetadata } from './partition-metadata.ts'
import type { PartitionRun } from './partition-run.ts'

const READ_LIMITS = { bytesMax: 4 << 20, waitMs: 0 }

/** A run that goes on, and the versions of time zone data with which what it goes on from was folded. */
interface Restored {
  readonly run: PartitionRun
  readonly zones: ReadonlySet<string>
}

interface Loading {
  readonly committed: Position
  readonly zones: Set<string>
}

/** How far a restore has come in the log. Offsets are of records. */
export interface RestoreProgress {
  readonly from: number
  readonly offset: number
  readonly to: number
}

interface RestoreOptions {
  readonly signal: AbortSignal
  /** Called after each record that was folded again, where another follows it. */
  readonly report: (progress: RestoreProgress) => void
}

/**
 * A run at the partition's committed position: reads the buckets, folds the log again from the oldest checkpoint metadata, applies each record only
 * to the buckets that are older than it, and publishes nothing of it. Where a bucket is missing or cannot be used, all are left aside and
 * the log is folded from its beginning.
 */
export async function restore(owned: OwnedPartition, begin: () => PartitionRun, { signal, report }: RestoreOptions): Promise<Restored> {
  const committed = await owned.committed()
  const summary = readPartitionMetadata(await owned.summary())
  const zones = new Set(summary?.zones === undefined ? [] : [summary.zones])
  let run = begin()
  if (committed !== undefined) {
    faultPoint('restore', 'enter')
    const oldest = await loadBuckets(owned, run, { committed, zones })
    if (oldest === undefined) run = begin()
    else run.fold.time.load(oldest.logTime)
    await foldAgain(owned, run, { from: oldest?.position, to: committed, pushOuts: summary?.pushOuts ?? [], signal, report })
    faultPoint('restore', 'leave')
  }
  run.resume(committed, summary)
  return { run, zones }
}

/** Adds to `zones`. @returns the oldest checkpoint metadata; undefined where not every bucket could be loaded */
async function loadBuckets(owned: OwnedPartition, run: PartitionRun, { committed, zones }: Loading): Promise<CheckpointMetadata | undefined> {
  let oldest: CheckpointMetadata | undefined
  for await (const part of owned.checkpoints()) {
    const stamp = run.checkpoints.load(part, committed)
    if (stamp === undefined) return undefined
    zones.add(stamp.zones)
    if (oldest === undefined || comparePositions(stamp.position, oldest.position) < 0) oldest = stamp
  }
  return run.checkpoints.oldest === undefined ? undefined : oldest
}

interface RestoreRange {
  /** The record that the oldest bucket has seen; undefined for the log's beginning. */
  readonly from: Position | undefined
  readonly to: Position
  readonly pushOuts: PartitionMetadata['pushOuts']
  readonly signal: AbortSignal
  readonly report: RestoreOptions['report']
}

async function foldAgain(owned: OwnedPartition, run: PartitionRun, range: RestoreRange): Promise<void> {
  const { from, to } = range
  let at = { offset: 0, index: 0 }
  // From the log's beginning on the bound on all journals is what it was the first time. Over states of different ages it is not known.
  if (from !== undefined) {
    const recorded = pushOutsByRecord(range.pushOuts)
    run.fold.recordedPushOuts = () => (recorded.get(`${at.offset} ${at.index}`) ?? []).filter((actor) => run.isOlder(actor, at))
  }
  if (from !== undefined) fireThrough(run, from, to)
  for await (const [offset, index, entry] of entriesFrom(owned, range)) {
    at = { offset, index }
    if (compareRecords(at, to) > 0) break
    if (from !== undefined && compareRecords(at, from) <= 0) continue
    applyToOlder(run, at, entry)
    fireThrough(run, at, to)
  }
  run.fold.recordedPushOuts = undefined
}

/** At the committed record only what was published before may fire; at those before it everything. */
function fireThrough(run: PartitionRun, at: { offset: number; index: number }, to: Position): void {
  if (compareRecords(at, to) < 0) run.fold.fireDue()
  else if (to.cursor !== null) run.fold.fireDue(Number.POSITIVE_INFINITY, to.cursor)
}

function applyToOlder(run: PartitionRun, at: { offset: number; index: number }, entry: Entry): void {
  run.checkpoints.advance()
  if (entry.kind === 'event') {
    if (!run.isOlder(entry.event.actorId, at)) {
      run.fold.skipEvent(entry.event.arrival)
      return
    }
  }
  run.apply(at.offset, at.index, entry)
}

async function* entriesFrom(owned: OwnedPartition, { from, to, signal, report }: RestoreRange): AsyncGenerator<[number, number, Entry]> {
  const begin = from?.offset ?? 0
  for (let next = begin; !signal.aborted; ) {
    const records = await owned.read(next, READ_LIMITS)
    if (records.length === 0) return
    for (const record of records) {
      for (const [index, entry] of decodeRecord(record).entries()) yield [record.offset, index, entry]
      next = record.offset + 1
      report({ from: begin, offset: record.offset, to: to.offset })
    }
  }
}

function pushOutsByRecord(pushOuts: PartitionMetadata['pushOuts']): Map<string, string[]> {
  const byRecord = new Map<string, string[]>()
  for (const { offset, index, actor } of pushOuts) {
    const key = `${offset} ${index}`
    byRecord.set(key, [...(byRecord.get(key) ?? []), actor])
  }
  return byRecord
}

function comparePositions(a: Position, b: Position): number {
  return compareRecords(a, b) || compareCursors(a.cursor, b.cursor)
}

/** No cursor: nothing has fired after the record, so it comes first. */
function compareCursors(a: Cursor | null, b: Cursor | null): number {
  if (a === null) return b === null ? 0 : -1
  return b === null ? 1 : a.deadline - b.deadline || compareUtf8(a.actor.id, b.actor.id)
}
