import type { Cursor, Position } from '#contracts'
import { type CompiledCycle, PartitionFold, PartitionState } from '#cycle'
import type { LogRecord, OwnedPartition } from '#event-log'
import { compareUtf8 } from '#keyed-state'
import { faultPoint } from '#runtime'
import { Checkpoints } from './checkpoints.ts'
import { decodeRecord, type Entry } from './decode-frame.ts'
import { type CheckpointMetadata, compareRecords, type PushOut, readPartitionMetadata } from './partition-metadata.ts'
import type { BatchLimits, StartPoint } from './partition-run.ts'

const READ_LIMITS = { bytesMax: 4 << 20, waitMs: 0 }

/** The start of a run, and the versions of time zone data with which the records before it were folded. */
interface Restored {
  readonly start: StartPoint
  readonly zones: ReadonlySet<string>
}

/** The progress of a restore in the log, as offsets of records. */
export interface RestoreProgress {
  readonly from: number
  readonly offset: number
  readonly to: number
}

interface RestoreOptions {
  readonly signal: AbortSignal
  /** Makes hash collisions unpredictable; changes no outcome. */
  readonly seed?: number
  readonly limits: BatchLimits
  /** Called after each record that was folded again, except the last. */
  readonly report: (progress: RestoreProgress) => void
}

type RecordPosition = Pick<Position, 'offset' | 'index'>
type Begin = Pick<StartPoint, 'state' | 'checkpoints'>

/**
 * Restores the state at the partition's committed position. It loads the buckets and folds the log again from the oldest of them; each record
 * is applied only to the buckets that are older than it, and nothing is published. If a bucket is missing or cannot be used, the log is
 * folded from its beginning.
 */
export async function restore(owned: OwnedPartition, cycle: CompiledCycle, options: RestoreOptions): Promise<Restored> {
  const position = await owned.committed()
  const metadata = readPartitionMetadata(await owned.partitionMetadata())
  const zones = new Set(metadata?.zones === undefined ? [] : [metadata.zones])
  if (position === undefined) return { start: { ...beginOf(cycle, options), position, metadata, pushOuts: [] }, zones }
  faultPoint('restore', 'enter')
  const range = { ...options, owned, cycle, to: position }
  const loaded = beginOf(cycle, options)
  const oldest = await loadBuckets(owned, loaded, position, zones)
  const begin = oldest === undefined ? beginOf(cycle, options) : loaded
  const recorded = metadata?.pushOuts ?? []
  const pushOuts = oldest === undefined ? await foldFromBeginning(begin, range) : await foldFromBuckets(begin, { ...range, oldest, pushOuts: recorded })
  faultPoint('restore', 'leave')
  return { start: { ...begin, position, metadata, pushOuts }, zones }
}

function beginOf(cycle: CompiledCycle, { seed = 0, limits }: RestoreOptions): Begin {
  const state = new PartitionState(cycle, { seed })
  return { state, checkpoints: new Checkpoints(cycle, state, { round: limits.checkpointRound, renewMs: limits.checkpointRenewMs }) }
}

/** Loads the buckets, and adds their versions of time zone data to `zones`. @returns the oldest metadata; undefined if a bucket could not be loaded */
async function loadBuckets(owned: OwnedPartition, { checkpoints }: Begin, committed: Position, zones: Set<string>): Promise<CheckpointMetadata | undefined> {
  let oldest: CheckpointMetadata | undefined
  for await (const part of owned.checkpoints()) {
    const metadata = checkpoints.load(part, committed)
    if (metadata === undefined) return undefined
    zones.add(metadata.zones)
    if (oldest === undefined || comparePositions(metadata.position, oldest.position) < 0) oldest = metadata
  }
  return checkpoints.oldest === undefined ? undefined : oldest
}

interface RestoreRange extends RestoreOptions {
  readonly owned: OwnedPartition
  readonly cycle: CompiledCycle
  readonly to: Position
}

/** Folds the log from its beginning. The bound on all journals then pushes out the same entries as the first time. @returns these push-outs */
async function foldFromBeginning({ state, checkpoints }: Begin, range: RestoreRange): Promise<PushOut[]> {
  const pushOuts: PushOut[] = []
  let at: RecordPosition = { offset: 0, index: 0 }
  const fold = new PartitionFold(range.cycle, { pushedOut: (actor) => pushOuts.push({ ...at, actor }) }, { state })
  for await (const [position, entry] of entriesFrom(0, range)) {
    at = position
    checkpoints.advance()
    applyAgain(fold, position, entry, range.to)
  }
  return pushOuts
}

interface BucketRange extends RestoreRange {
  readonly oldest: CheckpointMetadata
  readonly pushOuts: readonly PushOut[]
}

/**
 * Folds the log from the oldest bucket. While the buckets have different positions, the number of entries in all journals is unknown, so the
 * recorded push-outs are repeated. @returns these push-outs
 */
async function foldFromBuckets({ state, checkpoints }: Begin, { oldest, pushOuts, ...range }: BucketRange): Promise<readonly PushOut[]> {
  const from = oldest.position
  const recorded = Map.groupBy(pushOuts, ({ offset, index }) => `${offset} ${index}`)
  let at: RecordPosition = from
  const hasTaken = (actorId: string): boolean => {
    const bucketAt = checkpoints.positionOf(state.bucketOf(actorId))
    return bucketAt !== undefined && compareRecords(at, bucketAt) <= 0
  }
  const pushOutsHere = (): string[] => (recorded.get(`${at.offset} ${at.index}`) ?? []).map(({ actor }) => actor).filter((actor) => !hasTaken(actor))
  state.time.load(oldest.logTime)
  const fold = new PartitionFold(range.cycle, {}, { state, restore: { hasTaken, pushOuts: pushOutsHere } })
  fireThrough(fold, from, range.to)
  for await (const [position, entry] of entriesFrom(from.offset, range)) {
    if (compareRecords(position, from) <= 0) continue
    at = position
    checkpoints.advance()
    applyAgain(fold, position, entry, range.to)
  }
  return pushOuts
}

function applyAgain(fold: PartitionFold, at: RecordPosition, entry: Entry, to: Position): void {
  if (entry.kind !== 'poison') fold.apply(entry.kind === 'event' ? entry.event : entry.record, 0)
  fireThrough(fold, at, to)
}

/** Fires all deadlines that are due; at the committed record only the deadlines that fired before the commit. */
function fireThrough(fold: PartitionFold, at: RecordPosition, to: Position): void {
  if (compareRecords(at, to) < 0) fold.fire()
  else if (to.cursor !== null) fold.fire(Number.POSITIVE_INFINITY, to.cursor)
}

/** Entries up to the committed record. */
async function* entriesFrom(begin: number, { owned, to, signal, report }: RestoreRange): AsyncGenerator<[RecordPosition, Entry]> {
  for (let next = begin; !signal.aborted; ) {
    const records = await owned.read(next, READ_LIMITS)
    if (records.length === 0) return
    for (const record of records) {
      yield* entriesOf(record, to)
      if (record.offset >= to.offset) return
      next = record.offset + 1
      report({ from: begin, offset: record.offset, to: to.offset })
    }
  }
}

function* entriesOf(record: LogRecord, to: Position): Generator<[RecordPosition, Entry]> {
  for (const [index, entry] of decodeRecord(record).entries()) {
    const position = { offset: record.offset, index }
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
