import { z } from 'zod'
import { positionSchema } from '#contracts'
import { dispositions } from '#cycle'

/** A journal entry that the bound on all journals pushed out while this record was applied. */
const pushOutSchema = z.strictObject({ offset: z.int(), index: z.int(), actor: z.string() })
/** See {@link pushOutSchema}. */
export type PushOut = z.infer<typeof pushOutSchema>

/** How many values a measure has skipped, by the kind of value (see #cycle, remarks). */
const skippedSchema = z.strictObject({ numerals: z.int(), beyond: z.int(), others: z.int(), example: z.string().optional() })

/** Events whose addressees are missing or cannot be reached (see #cycle, remarks). */
const addressingSchema = z.strictObject({
  events: z.int(),
  missing: z.int(),
  invalid: z.int(),
  example: z.string().optional(),
  surplus: z.int(),
  unreached: z.int(),
})

/** A RemarksRecord of #cycle. */
const remarksSchema = z.strictObject({
  unmatched: z.array(z.tuple([z.string(), z.int()]).readonly()).readonly(),
  otherNames: z.int(),
  texts: z.record(z.string(), z.strictObject({ events: z.int(), example: z.string() })).default({}),
  skipped: z.record(z.string(), skippedSchema),
  suspicious: z.record(z.string(), z.int()),
  addressing: addressingSchema.optional(),
})

/** The partition metadata, stored with every batch. Fields of earlier releases are ignored. */
const partitionMetadataSchema = z.object({
  counts: z.partialRecord(z.enum(dispositions), z.int()),
  remarks: remarksSchema.optional(),
  /** A PathCountsRecord of #cycle. */
  paths: z.record(z.string(), z.strictObject({ missing: z.int(), had: z.int(), near: z.string().optional() })).optional(),
  poison: z.int(),
  /** Whether the names of all events up to here are counted, which earlier releases did not do. */
  names: z.literal(true).optional(),
  /** The arrival of the newest event, in milliseconds: until log time has passed it, a tick is awaited. */
  arrival: z.number().nullable().default(null),
  /** The version of the time zone data with which the partition was folded. */
  zones: z.string().optional(),
  /** The push-outs since the oldest checkpoint: a restore has to repeat them. */
  pushOuts: z.array(pushOutSchema),
})
/** See {@link partitionMetadataSchema}. */
export type PartitionMetadata = z.infer<typeof partitionMetadataSchema>

/** Reads the partition metadata of a batch; undefined if there is no batch. */
export function readPartitionMetadata(text: string | undefined): PartitionMetadata | undefined {
  return text === undefined ? undefined : partitionMetadataSchema.parse(JSON.parse(text))
}

/** The checkpoint metadata of one part. */
const checkpointMetadataSchema = z.strictObject({
  position: positionSchema,
  logTime: z.strictObject({
    logTime: z.number().nullable(),
    writers: z.array(z.tuple([z.string(), z.number().nullable()])),
    backfill: z.string().nullable(),
    historyUntil: z.number().nullable(),
    events: z.int(),
  }),
  /** The definition's hash, and versions of the fold and of the layout: another one cannot read these bytes. */
  fold: z.string(),
  /** The version of the time zone data with which the local days in these bytes were computed. */
  zones: z.string(),
  checksum: z.int(),
})
/** See {@link checkpointMetadataSchema}. */
export type CheckpointMetadata = z.infer<typeof checkpointMetadataSchema>

/** Reads checkpoint metadata; undefined if it cannot be read. */
export function readCheckpointMetadata(text: string): CheckpointMetadata | undefined {
  try {
    return checkpointMetadataSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Compares two positions without their cursors: negative if `a` comes first. */
export function compareRecords(a: { offset: number; index: number }, b: { offset: number; index: number }): number {
  return a.offset - b.offset || a.index - b.index
}
