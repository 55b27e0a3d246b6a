import { z } from 'zod'

/** The layout of an archive; a change of the columns or of the manifest raises it. */
export const ARCHIVE_VERSION = 1

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'expected a SHA-256 of 64 hexadecimal digits' })
const offset = z.int().min(0)

const archiveFileSchema = z.strictObject({
  path: z.string().meta({ description: 'relative to the folder of the partition' }),
  day: z.iso.date().meta({ description: 'the day of UTC of all its records' }),
  from: offset.meta({ description: 'the offset after the last record of the file before; 0 in the first file' }),
  next: offset.meta({ description: 'the offset after its last record' }),
  records: z.int().min(1).meta({ description: 'the number of its records of the log' }),
  entries: z.int().min(1).meta({ description: 'the number of its rows' }),
  bytes: z.int().min(1),
  sha256: sha256.meta({ description: 'of the bytes of the file' }),
  content: sha256.meta({ description: 'of its records: their offsets, append times and texts' }),
  last: sha256.meta({ description: 'of its last record, to recognize the log' }),
})
/** A Parquet file of an archive: the records of a partition from one offset to another, all of one day. */
export type ArchiveFile = z.infer<typeof archiveFileSchema>

/** The manifest of a partition of an archive: its files in the order of their offsets, each from where the one before ends. */
export const archiveManifestSchema = z.strictObject({
  version: z.literal(ARCHIVE_VERSION),
  log: z.record(z.string(), z.string()).meta({ description: 'the log whose records these are: the id of a data folder, or a Kafka cluster and a topic' }),
  partition: z.int().min(0),
  files: z.array(archiveFileSchema).readonly(),
})
/** See {@link archiveManifestSchema}. */
export type ArchiveManifest = z.infer<typeof archiveManifestSchema>
