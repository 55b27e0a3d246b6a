import { z } from 'zod'
import { type Instant, type Position, positionSchema, RondoError } from '#contracts'

/** Brokers refuse more bytes beside an offset (offset.metadata.max.bytes, 4096 unless set). */
const METADATA_BYTES_MAX = 4000

/** The log time of a partition's fold, and when something is due in it; as in {@link CommitBatch}. */
export interface FoldTimes {
  readonly logTime: Instant
  readonly dueAt: Instant
  /** The grace period of its definition; undefined if an earlier release has written the position. */
  readonly graceMs?: number | undefined
}

/** The committed position of a partition of activity. */
export interface CommittedPosition extends FoldTimes {
  readonly position: Position
  /** Undefined if it is too large to be stored beside the offset: then it is a record in `checkpoints`. */
  readonly partitionMetadata: string | undefined
}

/** The text beside a committed offset. Another release may have written more fields, which are ignored. */
const metadataSchema = z.object({
  identity: z.string(),
  index: z.int().nonnegative(),
  cursor: positionSchema.shape.cursor,
  logTime: z.number().nullable(),
  /** Null for never. If it is missing, anything may be due. */
  dueAt: z.number().nullable().optional(),
  graceMs: z.number().optional(),
  summary: z.string().optional(),
})

/**
 * The committed offset is that of the record that the position names, since some of its entries or deadlines may still have to be applied;
 * tools that show lag count one record too many. The rest of the position is stored beside the offset, as its metadata.
 */
export function encodePosition(committed: CommittedPosition, identity: string): { offset: string; metadata: string; holdsPartitionMetadata: boolean } {
  const { position, logTime, dueAt, graceMs, partitionMetadata } = committed
  const rest = { identity, index: position.index, cursor: position.cursor, logTime: stored(logTime), dueAt: stored(dueAt), graceMs }
  const whole = JSON.stringify({ ...rest, summary: partitionMetadata })
  const holdsPartitionMetadata = Buffer.byteLength(whole) <= METADATA_BYTES_MAX
  return { offset: String(position.offset), metadata: holdsPartitionMetadata ? whole : JSON.stringify(rest), holdsPartitionMetadata }
}

/**
 * @returns undefined if nothing was committed
 * @throws RondoError RONDO_LOG_INCOMPLETE if another program set the offset; RONDO_DATA_MISMATCH if the previous owner folded by another definition
 */
export function decodePosition(stored: { offset: string; metadata: string | null }, identity: string, where: string): CommittedPosition | undefined {
  const offset = Number(stored.offset)
  if (offset < 0) return undefined
  const metadata = parseMetadata(stored.metadata)
  if (metadata === undefined) {
    throw new RondoError(
      'RONDO_LOG_INCOMPLETE',
      `The committed offset ${offset} of ${where} was not written by Rondo: a tool has set it, so what was published no longer follows from it. Rebuild under a new group.`,
    )
  }
  if (metadata.identity !== identity) {
    throw new RondoError(
      'RONDO_DATA_MISMATCH',
      `${where} was folded by another definition or generation, or by a version of Rondo that folds to other outcomes. Use its definition and version, or a new group for this one.`,
    )
  }
  const { index, cursor, summary: partitionMetadata } = metadata
  return { position: { offset, index, cursor }, ...timesOf(metadata), partitionMetadata }
}

/** The times of a group's fold, from the metadata beside its offset, for any definition; undefined if they are not known. */
export function foldTimesOf(metadata: string | null): FoldTimes | undefined {
  const parsed = parseMetadata(metadata)
  return parsed && timesOf(parsed)
}

/** The metadata of the last batch, from the metadata beside a committed offset; undefined if it was too large to be stored there. */
export function summaryOf(metadata: string | null): string | undefined {
  return parseMetadata(metadata)?.summary
}

function timesOf({ logTime, dueAt, graceMs }: z.infer<typeof metadataSchema>): FoldTimes {
  const due = dueAt === undefined ? Number.NEGATIVE_INFINITY : (dueAt ?? Number.POSITIVE_INFINITY)
  return { logTime: logTime ?? Number.NEGATIVE_INFINITY, dueAt: due, ...(graceMs === undefined ? {} : { graceMs }) }
}

/** JSON has no infinity: the times "never" and "not yet" are stored as null. */
const stored = (at: Instant): number | null => (Number.isFinite(at) ? at : null)

/** One text for equal positions, for any order of keys in the objects. */
export function positionText({ offset, index, cursor }: Position): string {
  const fired = cursor && { deadline: cursor.deadline, actor: { type: cursor.actor.type, id: cursor.actor.id } }
  return JSON.stringify({ offset, index, cursor: fired })
}

function parseMetadata(text: string | null): z.infer<typeof metadataSchema> | undefined {
  try {
    return metadataSchema.parse(JSON.parse(text ?? ''))
  } catch {
    return undefined
  }
}
