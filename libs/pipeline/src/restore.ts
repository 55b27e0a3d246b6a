import type { Cursor, Position } from '#contracts'
import type { OwnedPartition } from '#event-log'
import { compareUtf8 } from '#keyed-state'
import { faultPoint } from '#runtime'
import { decodeRecord, type Entry } from './decode-frame.ts'
import type { Folding } from './folding.ts'
import { compareRecords, readSummary, type Stamp, type Summary } from './summary.ts'

const READ_LIMITS = { bytesMax: 4 << 20, waitMs: 0 }

/** A folding that goes on, and the versions of time zone data with which what it goes on from was folded. */
interface Restored {
  readonly folding: Folding
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
  /** Told after each record that was folded again, where another follows it. */
  readonly report: (progress: RestoreProgress) => void
}

/**
 * A folding at the partition's committed position: reads the buckets, folds the log again from the oldest stamp, applies each record only
 * to the buckets that are older than it, and publishes nothing of it. Where a bucket is missing or cannot be used, all are left aside and
 * the log is folded from its beginning.
 */
export async function restore(owned: OwnedPartition, begin: () => Folding, { signal, report }: RestoreOptions): Promise<Restored> {
  const committed = await owned.committed()
  const summary = readSummary(await owned.summary())
  const zones = new Set(summary?.zones === undefined ? [] : [summary.zones])
  let folding = begin()
  if (committed !== undefined) {
    faultPoint('restore', 'enter')
    const oldest = await loadBuckets(owned, folding, { committed, zones })
    if (oldest === undefined) folding = begin()
    else folding.fold.time.load(oldest.logTime)
    await foldAgain(owned, folding, { from: oldest?.position, to: committed, pushOuts: summary?.pushOuts ?? [], signal, report })
    faultPoint('restore', 'leave')
  }
  folding.resume(committed, summary)
  return { folding, zones }
}

/** Adds to `zones`. @returns the oldest stamp; undefined where not every bucket could be loaded */
async function loadBuckets(owned: OwnedPartition, folding: Folding, { committed, zones }: Loading): Promise<Stamp | undefined> {
  let oldest: Stamp | undefined
  for await (const part of owned.checkpoints()) {
    const stamp = folding.checkpoints.load(part, committed)
    if (stamp === undefined) return undefined
    zones.add(stamp.zones)
    if (oldest === undefined || comparePositions(stamp.position, oldest.position) < 0) oldest = stamp
  }
  return folding.checkpoints.oldest === undefined ? undefined : oldest
}

interface RestoreRange {
  /** The record that the oldest bucket has seen; undefined for the log's beginning. */
  readonly from: Position | undefined
  readonly to: Position
  readonly pushOuts: Summary['pushOuts']
  readonly signal: AbortSignal
  readonly report: RestoreOptions['report']
}

async function foldAgain(owned: OwnedPartition, folding: Folding, range: RestoreRange): Promise<void> {
  const { from, to } = range
  let at = { offset: 0, index: 0 }
  // From the log's beginning on the bound on all journals is what it was the first time. Over states of different ages it is not known.
  if (from !== undefined) {
    const recorded = pushOutsByRecord(range.pushOuts)
    folding.fold.recordedPushOuts = () => (recorded.get(`${at.offset} ${at.index}`) ?? []).filter((actor) => folding.isOlder(actor, at))
  }
  if (from !== undefined) fireThrough(folding, from, to)
  for await (const [offset, index, entry] of entriesFrom(owned, range)) {
    at = { offset, index }
    if (compareRecords(at, to) > 0) break
    if (from !== undefined && compareRecords(at, from) <= 0) continue
    applyToOlder(folding, at, entry)
    fireThrough(folding, at, to)
  }
  folding.fold.recordedPushOuts = undefined
}

/** At the committed record only what was published before may fire; at those before it everything. */
function fireThrough(folding: Folding, at: { offset: number; index: number }, to: Position): void {
  if (compareRecords(at, to) < 0) folding.fold.fireDue()
  else if (to.cursor !== null) folding.fold.fireDue(Number.POSITIVE_INFINITY, to.cursor)
}

function applyToOlder(folding: Folding, at: { offset: number; index: number }, entry: Entry): void {
  folding.checkpoints.advance()
  if (entry.kind === 'event') {
    if (!folding.isOlder(entry.event.actorId, at)) {
      folding.fold.skipEvent(entry.event.arrival)
      return
    }
  }
  folding.apply(at.offset, at.index, entry)
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

function pushOutsByRecord(pushOuts: Summary['pushOuts']): Map<string, string[]> {
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
