import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ArchiveFile, type ArchiveManifest, type Instant, RondoError } from '#contracts'
import { dayAt } from './archive-day.ts'
import type { ArchivedLog } from './archived-log.ts'
import { recordsIn } from './file-reader.ts'
import { type ArchivedPartition, checkLogName, damagedArchive, partitionOf, readManifest } from './manifest.ts'
import { RecordDigest } from './record-digest.ts'
import { parquetFilesIn, unnamedFiles, unnamedOf } from './unnamed-files.ts'
import { checkFile } from './write-archive.ts'

/** The partitions of which an archive has something, in their order. @throws RondoError RONDO_ARCHIVE_DAMAGED */
export function readArchive(archive: string): ArchiveManifest[] {
  return partitionsOf(archive).flatMap((partition) => {
    const place = partitionOf(archive, partition)
    const manifest = readManifest(place)
    if (manifest === undefined) checkAllNamed(place, parquetFilesIn(place), { files: [] })
    return manifest ?? []
  })
}

/** @throws RondoError RONDO_ARCHIVE_DAMAGED if a manifest does not name all of these files */
function checkAllNamed(place: ArchivedPartition, paths: readonly string[], manifest: Pick<ArchiveManifest, 'files'>): void {
  const unnamed = unnamedOf(paths, manifest)
  if (unnamed.length > 0) throw unnamedFiles(place, manifest, unnamed)
}

/**
 * Reads every file of an archive as a rebuild would, and compares it with its checksums. Then each Parquet file must be one that a manifest names.
 * @param onFile called for each file that is as it was written
 * @throws RondoError RONDO_ARCHIVE_DAMAGED
 */
export async function verifyArchive(archive: string, onFile: (partition: number, file: ArchiveFile) => void = () => {}): Promise<void> {
  for (const partition of partitionsOf(archive)) {
    const place = partitionOf(archive, partition)
    // The files before the manifest: one that a writer completes meanwhile is named then.
    const paths = parquetFilesIn(place)
    const manifest = readManifest(place) ?? { files: [] }
    for (const file of manifest.files) {
      await checkFile(place.folder, file)
      onFile(partition, file)
    }
    checkAllNamed(place, paths, manifest)
  }
}

/**
 * Looks whether the files are there that the manifests name; their content is not read.
 * @throws RondoError RONDO_ARCHIVE_DAMAGED for the first that is missing, with what to do
 */
export async function checkFilesThere(archive: string, log: Pick<ArchivedLog, 'bounds'>): Promise<void> {
  for (const { partition, files } of readArchive(archive)) {
    const { folder } = partitionOf(archive, partition)
    const missing = files.filter(({ path }) => !existsSync(join(folder, path)))
    const [first] = missing
    if (first === undefined) continue
    const { begin } = await log.bounds(partition)
    const remedy =
      begin <= first.from
        ? `Restore what is missing from a backup. Or, because the log still has these records, move ${folder} away and write it again.`
        : 'Restore what is missing from a backup: the log does not have these records any more.'
    const others = missing.length === 1 ? 'a file' : `${missing.length} files, the first of which is`
    throw new RondoError('RONDO_ARCHIVE_DAMAGED', `The archive is damaged: it does not have ${others} ${join(folder, first.path)}. ${remedy}`)
  }
}

/** What limits a trim of a partition. */
export interface TrimLimits {
  readonly partition: number
  /** The first offset that must stay in the log, such as that which a restore needs. */
  readonly needed: number
  /** Records of the day of this instant and of later days stay in the log. */
  readonly before: Instant
}

/**
 * Up to which offset a partition of a log may be trimmed: as far as whole files of the archive have been compared with the log, record by record,
 * and lie within the limits.
 * @throws RondoError RONDO_ARCHIVE_DAMAGED, RONDO_ARCHIVE_MISMATCH
 */
export async function verifiedEnd(archive: string, log: ArchivedLog, { partition, needed, before }: TrimLimits): Promise<number> {
  const place = partitionOf(archive, partition)
  const manifest = readManifest(place)
  if (manifest === undefined) return 0
  checkLogName(place, manifest, log.name)
  const { begin } = await log.bounds(partition)
  let end = 0
  for (const file of manifest.files) {
    if (file.next > needed || file.day >= dayAt(before)) break
    if (file.next > begin) await compareWithLog(place.folder, file, { log, partition, begin })
    end = file.next
  }
  return end
}

/** Compares the records of a file with those of the log, from the first that the log has. */
async function compareWithLog(
  folder: string,
  file: ArchiveFile,
  { log, partition, begin }: { log: ArchivedLog; partition: number; begin: number },
): Promise<void> {
  await checkFile(folder, file)
  const from = Math.max(file.from, begin)
  const [archived, stored] = [new RecordDigest(), new RecordDigest()]
  for await (const record of recordsIn(folder, file, from)) archived.add(record)
  for await (const record of log.records(partition, from)) {
    if (record.offset >= file.next) break
    stored.add(record)
  }
  if (archived.hex() === stored.hex()) return
  throw new RondoError(
    'RONDO_ARCHIVE_MISMATCH',
    `The archive ${join(folder, file.path)} does not have the records that partition ${partition} of the log has from offset ${from} to ${file.next - 1}. Nothing is removed from the log; move the archive away and write it again.`,
  )
}

/** @throws RondoError RONDO_ARCHIVE_DAMAGED, also if the folder is no archive, such as the place of a disk that is not mounted */
function partitionsOf(archive: string): number[] {
  const partitions = namesIn(archive).flatMap((name) => (/^partition=\d+$/.test(name) ? [Number(name.slice('partition='.length))] : []))
  if (partitions.length > 0) return partitions.sort((a, b) => a - b)
  throw new RondoError(
    'RONDO_ARCHIVE_DAMAGED',
    `The folder ${archive} is no archive: it has no partition=0 or another partition. Check that --archive names the archive, and that its disk is mounted.`,
  )
}

function namesIn(archive: string): string[] {
  try {
    return readdirSync(archive)
  } catch (cause) {
    throw damagedArchive(archive, `the folder cannot be read (${(cause as Error).message})`)
  }
}
