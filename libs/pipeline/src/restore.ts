import type { Cursor, EventName, Instant, Position } from '#contracts'
import { type CompiledCycle, type Owns, PartitionState } from '#cycle'
import { type LogRecord, type OwnedPartition, partitionOf } from '#event-log'
import { BUCKETS, compareUtf8 } from '#keyed-state'
import { faultPoint } from '#runtime'
import { type CheckpointOptions, Checkpoints, loadBucket } from './checkpoints.ts'
import type { Entry } from './decode-frame.ts'
import type { EntryFold, EntryPosition } from './entry-fold.ts'
import { EventNames } from './event-names.ts'
import type { LogReading } from './log-reading.ts'
import { type CheckpointMetadata, compareRecords, type PartitionMetadata, type PushOut, readPartitionMetadata } from './partition-metadata.ts'
import type { BatchLimits, StartPoint } from './partition-run.ts'

/** The size of one read; it need not wait, since the records are in the log already. */
const READ_LIMITS = { bytesMax: 4 << 20, waitMs: 0 }

/** The start of a run, and the versions of time zone data with which the records before it were folded. */
interface Restored {
  readonly start: StartPoint
  readonly zones: ReadonlySet<string>
}

/** How a state is made. */
interface StateOptions extends RestoreOptions {
  readonly owns: Owns | undefined
}

/** The progress of a restore in the log, as offsets of records. */
export interface RestoreProgress {
  readonly from: number
  readonly offset: number
  readonly to: number
}

/** How a state is restored. */
interface RestoreOptions {
  readonly signal: AbortSignal
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed?: number
  readonly limits: BatchLimits
  readonly reading: LogReading
  /** Called after each record that was folded again, except the last. */
  readonly report: (progress: RestoreProgress) => void
}

/**
 * Restores the state at the partition's committed position. It loads the buckets and folds the log again from the oldest of them; each record
 * is applied only to the buckets that are older than it, and nothing is published. If a bucket is missing or cannot be used, the log is
 * folded from its beginning.
 * @returns undefined if the signal came before the committed position was reached
 */
export async function restore(owned: OwnedPartition, cycle: CompiledCycle, given: RestoreOptions): Promise<Restored | undefined> {
  const options = { ...given, owns: ownsOf(owned) }
  const position = await owned.committed()
  const metadata = readPartitionMetadata(await owned.partitionMetadata())
  const zones = new Set(metadata?.zones === undefined ? [] : [metadata.zones])
  const names = new EventNames(cycle.signals, ...(await storedNames(owned, position, metadata)))
  if (position === undefined) return { start: { checkpoints: emptyState(cycle, options), position, metadata, pushOuts: [], names }, zones }
  faultPoint('restore', 'enter')
  const range = { ...options, to: position }
  const loaded = await loadBuckets(owned, cycle, { ...options, committed: position, zones })
  const checkpoints = loaded?.checkpoints ?? emptyState(cycle, options)
  const pushOuts =
    loaded === undefined
      ? await foldFromBeginning(checkpoints, range)
      : await foldFromBuckets(checkpoints, { ...range, oldest: loaded.oldest, pushOuts: metadata?.pushOuts ?? [] })
  faultPoint('restore', 'leave')
  return options.signal.aborted ? undefined : { start: { checkpoints, position, metadata, pushOuts, names }, zones }
}

/**
 * The stored names, and from when they have to be counted from zero; undefined if they count all events up to here. They do not if a release that
 * counts no names has folded some of them, or if the records are lost.
 */
async function storedNames(
  owned: OwnedPartition,
  position: Position | undefined,
  metadata: PartitionMetadata | undefined,
): Promise<[stored: readonly EventName[], restartAt: Instant | 'beginning' | undefined]> {
  const stored = await owned.names()
  if (position === undefined) return [stored, 'beginning']
  const isComplete = metadata?.names === true && stored.some(({ name }) => name === null)
  return [stored, isComplete ? undefined : (metadata?.arrival ?? 0)]
}

/** Whether an actor belongs to a partition; undefined if the log has only this one. */
function ownsOf({ partition, partitions }: OwnedPartition): Owns | undefined {
  return partitions === 1 ? undefined : (actorId) => partitionOf(actorId, partitions) === partition
}

function emptyState(cycle: CompiledCycle, options: StateOptions): Checkpoints {
  return new Checkpoints(cycle, new PartitionState(cycle, options), checkpointOptions(options))
}

function checkpointOptions({ limits, owns }: StateOptions): CheckpointOptions {
  return { round: limits.checkpointRound, renewMs: limits.checkpointRenewMs, owns }
}

/** What loading the buckets needs beside the options of the restore. */
interface LoadBucketsOptions extends StateOptions {
  readonly committed: Position
  /** The versions of time zone data of the buckets are added here. */
  readonly zones: Set<string>
}

/** Loads all buckets. @returns also the oldest metadata; undefined if a bucket is missing or could not be loaded */
async function loadBuckets(
  owned: OwnedPartition,
  cycle: CompiledCycle,
  options: LoadBucketsOptions,
): Promise<{ checkpoints: Checkpoints; oldest: CheckpointMetadata } | undefined> {
  const state = new PartitionState(cycle, options)
  const loaded = new Map<number, Position>()
  let oldest: CheckpointMetadata | undefined
  for await (const part of owned.checkpoints()) {
    const metadata = loadBucket(cycle, state, part, options.committed)
    if (metadata === undefined) return undefined
    options.zones.add(metadata.zones)
    loaded.set(part.bucket, metadata.position)
    if (oldest === undefined || comparePositions(metadata.position, oldest.position) < 0) oldest = metadata
  }
  if (oldest === undefined || loaded.size < BUCKETS) return undefined
  return { checkpoints: new Checkpoints(cycle, state, { ...checkpointOptions(options), loaded }), oldest }
}

/** The part of the log that is folded again: up to the committed position. */
interface RestoreRange extends RestoreOptions {
  readonly to: Position
}

/** Folds the log from its beginning. The bound on all journals then pushes out the same entries as the first time. @returns these push-outs */
async function foldFromBeginning(checkpoints: Checkpoints, range: RestoreRange): Promise<PushOut[]> {
  const pushOuts: PushOut[] = []
  const fold = checkpoints.fold({ pushedOut: (actor) => pushOuts.push({ ...fold.at, actor }) })
  for await (const [position, entry] of entriesFrom(0, range)) applyAgain(fold, position, entry, range.to)
  return pushOuts
}

/** The part of the log that is folded again from the oldest bucket on. */
interface BucketRange extends RestoreRange {
  readonly oldest: CheckpointMetadata
  readonly pushOuts: readonly PushOut[]
}

/**
 * Folds the log from the oldest bucket. While the buckets have different positions, the number of entries in all journals is unknown, so the
 * recorded push-outs are repeated. @returns these push-outs
 */
async function foldFromBuckets(checkpoints: Checkpoints, { oldest, pushOuts, ...range }: BucketRange): Promise<readonly PushOut[]> {
  const { state } = checkpoints
  const from = oldest.position
  const recorded = Map.groupBy(pushOuts, ({ offset, index }) => `${offset} ${index}`)
  const hasApplied = (actorId: string): boolean => {
    const bucketAt = checkpoints.positionOf(state.bucketOf(actorId))
    return bucketAt !== undefined && compareRecords(fold.at, bucketAt) <= 0
  }
  const pushOutsHere = (): string[] =>
    (recorded.get(`${fold.at.offset} ${fold.at.index}`) ?? []).map(({ actor }) => actor).filter((actor) => !hasApplied(actor))
  state.time.load(oldest.logTime)
  const fold = checkpoints.fold({}, { restore: { hasApplied: hasApplied, pushOuts: pushOutsHere } })
  fireThrough(fold, from, range.to)
  for await (const [position, entry] of entriesFrom(from.offset, range)) {
    if (compareRecords(position, from) > 0) applyAgain(fold, position, entry, range.to)
  }
  return pushOuts
}

function applyAgain(fold: EntryFold, at: EntryPosition, entry: Entry, to: Position): void {
  fold.apply(at, entry, { budget: 0 })
  fireThrough(fold, at, to)
}

/** Fires all deadlines that are due; at the committed record only the deadlines that fired before the commit. */
function fireThrough(fold: EntryFold, at: EntryPosition, to: Position): void {
  if (compareRecords(at, to) < 0) fold.fire()
  else if (to.cursor !== null) fold.fire(Number.POSITIVE_INFINITY, to.cursor)
}

/** Entries up to the committed record. */
async function* entriesFrom(begin: number, { reading, to, signal, report }: RestoreRange): AsyncGenerator<[EntryPosition, Entry]> {
  for (let next = begin; !signal.aborted; ) {
    const records = await reading.read(next, READ_LIMITS)
    if (records.length === 0) return
    for (const record of records) {
      yield* entriesOf(record, reading.decode(record), to)
      if (record.offset >= to.offset) return
      next = record.offset + 1
      report({ from: begin, offset: record.offset, to: to.offset })
    }
  }
}

function* entriesOf({ offset }: LogRecord, entries: readonly Entry[], to: Position): Generator<[EntryPosition, Entry]> {
  for (const [index, entry] of entries.entries()) {
    const position = { offset, index }
    if (compareRecords(position, to) > 0) return
    yield [position, entry]
  }
}

function comparePositions(a: Position, b: Position): number {
  return compareRecords(a, b) || compareCursors(a.cursor, b.cursor)
}

/** No cursor means that no deadline has fired after the record, so it comes first. */
function compareCursors(a: Cursor | null, b: Cursor | null): number {
  if (a === null) return b === null ? 0 : -1
  return b === null ? 1 : a.deadline - b.deadline || compareUtf8(a.actor.id, b.actor.id)
}
