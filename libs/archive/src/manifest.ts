import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ARCHIVE_VERSION, type ArchiveManifest, archiveManifestSchema, RondoError } from '#contracts'
import { withinArchive } from './archive-failure.ts'
import { writeDurably } from './durable-files.ts'

const MANIFEST = 'manifest.json'

/** The log whose records an archive has: names and values, such as the id of a data folder. */
export type LogName = Readonly<Record<string, string>>

/** A partition of an archive. */
export interface ArchivedPartition {
  readonly folder: string
  readonly partition: number
}

/** The folder of a partition, named as other programs expect it (Hive). */
export function partitionOf(archive: string, partition: number): ArchivedPartition {
  return { folder: join(archive, `partition=${partition}`), partition }
}

/** The file that names the files of a partition. */
export const manifestPath = ({ folder }: ArchivedPartition): string => join(folder, MANIFEST)

/** The offset after the last archived record. */
export function endOf({ files }: Pick<ArchiveManifest, 'files'>): number {
  return files.at(-1)?.next ?? 0
}

/**
 * Reads what an archive has of a partition.
 * @returns undefined if it has nothing
 * @throws RondoError RONDO_ARCHIVE_DAMAGED if the manifest is not what was written; RONDO_DATA_MISMATCH if a newer release wrote it;
 * RONDO_DATA_UNREADABLE if it is there and cannot be read
 */
export function readManifest(place: ArchivedPartition): ArchiveManifest | undefined {
  const path = manifestPath(place)
  const text = textOf(path)
  if (text === undefined) return undefined
  const manifest = parsedManifest(path, text)
  if (manifest.partition !== place.partition) throw damagedArchive(path, `it is of partition ${manifest.partition}`)
  let end = 0
  for (const file of manifest.files) {
    if (file.from !== end || file.next <= file.from) throw damagedArchive(path, `${file.path} begins at offset ${file.from}, and ${end} is expected`)
    end = file.next
  }
  return manifest
}

function parsedManifest(path: string, text: string): ArchiveManifest {
  const value = jsonOf(path, text)
  const { data, error } = archiveManifestSchema.safeParse(value)
  if (data !== undefined) return data
  if (Number((value as { version?: unknown } | null)?.version) > ARCHIVE_VERSION)
    throw new RondoError('RONDO_DATA_MISMATCH', `The archive ${dirname(path)} was written by a newer release of Rondo. Use that release.`)
  const [defect] = error.issues
  throw damagedArchive(path, `it is no manifest (${defect?.path.join('.')}: ${defect?.message})`)
}

/** Replaces the manifest of a partition: after a crash at any instant it is the one before or the new one. */
export function writeManifest(place: ArchivedPartition, manifest: ArchiveManifest): void {
  writeDurably(manifestPath(place), `${JSON.stringify(manifest, null, 1)}\n`)
}

/** Checks that an archive has records of this log. @throws RondoError RONDO_ARCHIVE_MISMATCH */
export function checkLogName({ folder }: ArchivedPartition, manifest: ArchiveManifest, log: LogName): void {
  const [found, expected] = [manifest.log, log].map((name) => JSON.stringify(Object.entries(name).sort()))
  if (found === expected) return
  throw new RondoError(
    'RONDO_ARCHIVE_MISMATCH',
    `The archive ${folder} has the records of another log (${nameText(manifest.log)}), not of this one (${nameText(log)}). Name the archive of this log.`,
  )
}

/** The name of a log in a sentence. */
function nameText(log: LogName): string {
  return Object.entries(log)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}

/** The error for a file of an archive that is missing or not what was written. */
export function damagedArchive(path: string, what: string): RondoError {
  return new RondoError('RONDO_ARCHIVE_DAMAGED', `The archive is damaged: ${path}: ${what}. Restore this file from a backup of the archive.`)
}

/** A file that cannot be read is not taken for one that is not there. */
function textOf(path: string): string | undefined {
  return withinArchive(path, () => {
    try {
      return readFileSync(path, 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw cause
    }
  })
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw damagedArchive(path, `it cannot be read (${(cause as Error).message})`)
  }
}
