import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type ArchiveManifest, RondoError } from '#contracts'
import type { LogRecord } from '#event-log'
import { withinArchive } from './archive-failure.ts'
import type { ArchivedLog } from './archived-log.ts'
import { INCOMPLETE } from './durable-files.ts'
import { recordsIn, storedRecords } from './file-reader.ts'
import { type ArchivedPartition, damagedArchive, endOf, manifestPath } from './manifest.ts'
import { digestOf } from './record-digest.ts'

/** A complete file of an archive has such a path. */
const COMPLETE_PATH = /^day=[\d-]+\/\d+\.parquet$/
/** A file that is being written has such a path. */
const INCOMPLETE_PATH = new RegExp(`^(day=[\\d-]+/)?\\${INCOMPLETE}(\\d+\\.parquet|manifest\\.json)$`)

/** A complete file that no manifest names, and the offset after its last record. */
export interface RepeatedFile {
  readonly path: string
  readonly next: number
}

/** The complete Parquet files in the folder of a partition. */
export function parquetFilesIn({ folder }: ArchivedPartition): string[] {
  return pathsIn(folder).filter((path) => COMPLETE_PATH.test(path))
}

/** Those of them that a manifest does not name. */
export function unnamedOf(paths: readonly string[], manifest: Pick<ArchiveManifest, 'files'>): string[] {
  const named = new Set(manifest.files.map(({ path }) => path))
  return paths.filter((path) => !named.has(path)).sort()
}

/**
 * Checks that the named files or the log have each record of the files that the manifest does not name. A writing that was interrupted leaves such a
 * file; but so does a manifest that was lost, or restored from an old backup, and then nothing else may have these records.
 * @throws RondoError RONDO_ARCHIVE_DAMAGED if a record is nowhere else
 */
export async function checkRepeated(place: ArchivedPartition, manifest: ArchiveManifest, log: ArchivedLog): Promise<RepeatedFile[]> {
  const paths = unnamedOf(parquetFilesIn(place), manifest)
  const repeated: RepeatedFile[] = []
  for (const path of paths) {
    const next = await endOfRepeated(join(place.folder, path), (from) => knownRecords({ place, manifest, log }, from))
    if (next === undefined) throw lostManifest(place, manifest, { paths, which: path })
    repeated.push({ path, next })
  }
  return repeated
}

/** The error for files that a manifest does not name, and of which nothing else has the records. */
export function lostManifest(place: ArchivedPartition, manifest: ArchiveManifest, { paths, which }: { paths: readonly string[]; which: string }): RondoError {
  return damagedArchive(
    manifestPath(place),
    `${manifestText(manifest)}, and the folder has ${filesText(paths)} that it does not name. The log does not have the records of ${which}, so the file stays, and nothing is written`,
  )
}

/** The error of a verification that finds files that a manifest does not name. */
export function unnamedFiles(place: ArchivedPartition, manifest: Pick<ArchiveManifest, 'files'>, paths: readonly string[]): RondoError {
  return new RondoError(
    'RONDO_ARCHIVE_DAMAGED',
    `The archive is damaged: ${manifestPath(place)}: ${manifestText(manifest)}, and the folder has ${filesText(paths)} that it does not name, the first ${paths[0]}. If a writing was interrupted, run rondo archive write. Otherwise restore the newest manifest.json from a backup of the archive.`,
  )
}

/** Removes unnamed files whose records the manifest has by now. A file that was written again under its old name is named. */
export function removeRepeated({ folder }: ArchivedPartition, manifest: ArchiveManifest, repeated: readonly RepeatedFile[]): void {
  const unnamed = new Set(
    unnamedOf(
      repeated.map(({ path }) => path),
      manifest,
    ),
  )
  for (const { path, next } of repeated) if (unnamed.has(path) && next <= endOf(manifest)) remove(join(folder, path))
}

/** Removes what a writing that was interrupted has left under the names of files that are not complete. */
export function removeIncomplete({ folder }: ArchivedPartition): void {
  for (const path of pathsIn(folder)) if (INCOMPLETE_PATH.test(path)) remove(join(folder, path))
}

/** @returns the offset after the last record of a file; undefined if the file cannot be read, or has a record that is not known */
async function endOfRepeated(path: string, knownFrom: (from: number) => AsyncGenerator<LogRecord>): Promise<number | undefined> {
  let known: AsyncGenerator<LogRecord> | undefined
  let next: number | undefined
  try {
    for await (const record of storedRecords(path)) {
      known ??= knownFrom(record.offset)
      const { value } = await known.next()
      if (value === undefined || digestOf(value) !== digestOf(record)) return undefined
      next = record.offset + 1
    }
  } catch (error) {
    if (error instanceof RondoError && error.code === 'RONDO_ARCHIVE_DAMAGED') return undefined
    throw error
  } finally {
    await known?.return(undefined)
  }
  return next
}

/** The records that the manifest names from an offset on, and those that the log has after them. */
async function* knownRecords(
  { place, manifest, log }: { place: ArchivedPartition; manifest: ArchiveManifest; log: ArchivedLog },
  from: number,
): AsyncGenerator<LogRecord> {
  for (const file of manifest.files) if (file.next > from) yield* recordsIn(place.folder, file, Math.max(from, file.from))
  yield* log.records(place.partition, Math.max(from, endOf(manifest)))
}

const manifestText = (manifest: Pick<ArchiveManifest, 'files'>): string =>
  manifest.files.length === 0 ? 'it is missing or names no file' : `it ends at offset ${endOf(manifest)}`

const filesText = (paths: readonly string[]): string => (paths.length === 1 ? 'a Parquet file' : `${paths.length} Parquet files`)

const pathsIn = (folder: string): string[] =>
  withinArchive(folder, () => readdirSync(folder, { recursive: true, encoding: 'utf8' })).map((name) => name.replaceAll('\\', '/'))

const remove = (path: string): void => withinArchive(path, () => rmSync(path, { force: true }))
