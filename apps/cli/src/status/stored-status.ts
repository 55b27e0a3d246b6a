import { formatInstant, type Instant } from '#contracts'
import { type FolderInspection, type InspectedPartition, inspectFolder, inspectKafkaLog, type KafkaSettings, type LogInspection } from '#event-log'
import { readPartitionMetadata } from '#pipeline'
import { SqliteReadModels } from '#projections'
import { ageOf, type CycleStatus, type PartitionStatus, type Status } from './status.ts'

/** A running process ticks every 15 s at least, if its log has an entry. */
const RUNNING_SECONDS = 30
/** Log time that is older than this waits for a writer, or for the fold. */
const HELD_SECONDS = 20

/** The state in a data folder, also of a stopped Rondo. @throws RondoError as {@link inspectFolder} */
export async function folderStatus(folder: string, now: Instant): Promise<Status> {
  const inspection = inspectFolder(folder)
  const { activity, refused, states } = inspection
  const [unreadable] = states.flatMap(({ failure }) => failure ?? [])
  const readable = states.filter(({ failure }) => failure === undefined)
  const tickAge = ageOf(activity.tick ?? undefined, now)
  try {
    return {
      of: `The data folder ${folder}`,
      isLive: tickAge !== null && tickAge <= RUNNING_SECONDS,
      unready: unreadable === undefined ? null : `${unreadable.message} (${unreadable.code})`,
      cycles: await Promise.all(readable.map((state) => stateStatus(state, inspection, now))),
      writers: [],
      quarantine: { open: null, ...refused, bytesMax: null },
    }
  } finally {
    for (const { reader } of states) reader.close()
  }
}

async function stateStatus(
  { cycle = 'unknown', reader }: FolderInspection['states'][number],
  { records, activity }: FolderInspection,
  now: Instant,
): Promise<CycleStatus> {
  const logTime = await new SqliteReadModels(reader).asOf()
  const [position, metadata] = [await reader.position(0), readPartitionMetadata(await reader.partitionMetadata(0))]
  const lagRecords = Math.max(0, records - 1 - (position?.offset ?? -1))
  const heldBy = activity.backfill === null ? null : `the import ${activity.backfill.source}`
  const partition = { partition: 0, logTime: textOf(logTime), ageSeconds: ageOf(logTime, now), lagRecords, heldBy }
  return { cycle, partitions: [partition], events: metadata?.counts ?? null, building: null }
}

/** The state of a Rondo on Kafka. @throws RondoError as {@link inspectKafkaLog} */
export async function brokersStatus(settings: KafkaSettings, now: Instant): Promise<Status> {
  const inspection = await inspectKafkaLog(settings)
  const groups = [...new Set(inspection.partitions.flatMap(({ folds }) => folds.map(({ group }) => group)))]
  const unfolded = groups.length === 0 && inspection.partitions.some(({ end }) => end > 0)
  return {
    of: `The log on ${settings.brokers.join(',')}`,
    isLive: true,
    unready: unfolded ? `No group ${settings.group} has folded the log: no processor runs, or it has another RONDO_GROUP.` : null,
    cycles: groups.map((group) => groupStatus(group, inspection, now)),
    writers: inspection.writers.map(({ writer, name, seenAt }) => ({ writer, name, silentSeconds: ageOf(seenAt, now) ?? 0 })),
    quarantine: { open: null, records: inspection.refused, bytes: null, bytesMax: null },
  }
}

function groupStatus(group: string, inspection: LogInspection, now: Instant): CycleStatus {
  const folds = inspection.partitions.flatMap((partition) => partition.folds.filter((fold) => fold.group === group))
  const metadata = folds.map(({ partitionMetadata }) => readPartitionMetadata(partitionMetadata))
  const counts: Record<string, number> = {}
  for (const one of metadata) for (const [name, count] of Object.entries(one?.counts ?? {})) counts[name] = (counts[name] ?? 0) + (count ?? 0)
  const isKnown = metadata.every((one) => one !== undefined)
  return {
    cycle: group,
    partitions: inspection.partitions.map((partition) => partitionStatus(partition, group, inspection, now)),
    events: isKnown ? counts : null,
    building: null,
  }
}

function partitionStatus({ partition, end, folds, ticks }: InspectedPartition, group: string, { writers }: LogInspection, now: Instant): PartitionStatus {
  const fold = folds.find((one) => one.group === group)
  const ageSeconds = ageOf(fold?.logTime, now)
  const [last] = writers.map(({ writer, name }) => ({ name, tick: ticks.get(writer) ?? Number.NEGATIVE_INFINITY })).sort((a, b) => a.tick - b.tick)
  const isHeld = ageSeconds !== null && ageSeconds > HELD_SECONDS && last !== undefined
  return {
    partition,
    logTime: textOf(fold?.logTime),
    ageSeconds,
    lagRecords: Math.max(0, end - 1 - (fold?.offset ?? -1)),
    heldBy: isHeld ? last.name : null,
  }
}

const textOf = (at: Instant | undefined): string | null => (at === undefined || !Number.isFinite(at) ? null : formatInstant(at))
